namespace SketchFlow.Learning.Models.Layers;

/// <summary>Which normalisation a network is built with.</summary>
public sealed record NormOptions
{
    /// <summary>What it is.</summary>
    public NormKind Kind { get; init; }

    /// <summary>Channels of a group, for group normalisation and EvoNorm; null is 32 groups, however wide.</summary>
    public int? GroupWidth { get; init; }

    /// <summary>Added to the variance.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>Groups of <paramref name="channels"/>.</summary>
    internal long Groups(long channels) => GroupWidth is { } width ? channels / width : 32;
}
