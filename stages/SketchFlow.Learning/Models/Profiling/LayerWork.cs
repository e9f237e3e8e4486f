using System.Collections.Immutable;

namespace SketchFlow.Learning.Models.Profiling;

/// <summary>One layer as a pass meets it.</summary>
/// <param name="Name">Dotted name, as the tensors have it.</param>
/// <param name="Kind">What it computes.</param>
/// <param name="Output">Shape of its answer, for as many images as were counted.</param>
/// <param name="MultiplyAdds">Multiplications with the addition that follows; 0 for normalisations.</param>
public sealed record LayerWork(string Name, LayerKind Kind, ImmutableArray<long> Output, long MultiplyAdds)
{
    /// <summary>The call that does the work; null for normalisations.</summary>
    public TracedOperation? Operation { get; init; }
}
