using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of a normalisation.</summary>
public sealed record NormOptions
{
    /// <summary>Kind of normalisation.</summary>
    public NormKind Kind { get; init; }

    /// <summary>Number of channels per group in group normalisation and EvoNorm; null is 32 groups for any number of channels.</summary>
    public int? GroupWidth { get; init; }

    /// <summary>Value added to the variance.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>Returns the number of groups for a number of channels.</summary>
    internal long Groups(long channels) => GroupWidth is { } width ? channels / width : 32;
}
