using SketchFlow.Learning.Models.Profiling;

namespace SketchFlow.Pipeline.Bench;

/// <summary>One of a model's operations, timed alone.</summary>
/// <param name="Operation">The call.</param>
/// <param name="Layer">What the layers are that make it: a linear layer over an image may run as a convolution.</param>
/// <param name="Count">How often a pass makes it.</param>
/// <param name="MultiplyAdds">Of one call.</param>
/// <param name="InferSeconds">One call without gradients.</param>
/// <param name="TrainSeconds">One call with the gradients of input, weight and bias.</param>
public sealed record OperationTime(TracedOperation Operation, LayerKind Layer, int Count, long MultiplyAdds, double InferSeconds, double TrainSeconds);
