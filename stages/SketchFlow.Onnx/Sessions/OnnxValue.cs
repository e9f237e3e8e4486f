using System.Collections.Immutable;

namespace SketchFlow.Onnx.Sessions;

/// <summary>An input or output of a model.</summary>
/// <param name="Element">Type of the elements; null for a type that SketchFlow never writes.</param>
/// <param name="Shape">Number of elements along each dimension; -1 for one that is not fixed.</param>
public sealed record OnnxValue(Graphs.OnnxType? Element, ImmutableArray<int> Shape);
