using System.Collections.Immutable;
using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Models.Profiling;

/// <summary>Work of one layer in a forward pass.</summary>
/// <param name="Name">Dotted name, the prefix of its tensors' names.</param>
/// <param name="Kind">Kind of layer.</param>
/// <param name="Output">Shape of the output for the counted batch.</param>
/// <param name="MultiplyAdds">Number of multiply-adds; 0 for normalisations.</param>
public sealed record LayerWork(string Name, LayerKind Kind, ImmutableArray<long> Output, long MultiplyAdds);
