using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Profiling;

namespace SketchFlow.Pipeline.Bench;

/// <summary>The measured times of an operation of a model.</summary>
/// <param name="Operation">The operation with its shapes.</param>
/// <param name="Layer">Kind of the layers that use it: a linear layer over an image may be computed as a convolution.</param>
/// <param name="Count">Number of calls per forward pass.</param>
/// <param name="MultiplyAdds">Multiply-adds of one call.</param>
/// <param name="InferSeconds">Seconds for one call without gradients.</param>
/// <param name="TrainSeconds">Seconds for one call with the gradients of input, weight and bias.</param>
public sealed record OperationTime(TracedOperation Operation, LayerKind Layer, int Count, long MultiplyAdds, double InferSeconds, double TrainSeconds);
