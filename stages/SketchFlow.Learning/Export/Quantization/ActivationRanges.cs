using System.Collections.Immutable;

namespace SketchFlow.Learning.Export.Quantization;

/// <summary>Ranges of the values inside a network that an 8-bit export stores in 8 bits, found by <see cref="Calibrator"/>.</summary>
public sealed class ActivationRanges
{
    private readonly ImmutableDictionary<int, ValueRange> _ranges;

    internal ActivationRanges(ImmutableDictionary<int, ValueRange> ranges) => _ranges = ranges;

    /// <summary>Number of values.</summary>
    public int Count => _ranges.Count;

    /// <summary>Range of the result of a recorded node.</summary>
    internal ValueRange this[Models.Graphs.Node node] => _ranges[node.Index];
}
