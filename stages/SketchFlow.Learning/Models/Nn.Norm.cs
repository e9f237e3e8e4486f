namespace SketchFlow.Learning.Models;

/// <summary>Normalisations over images (N, C, H, W) that a convolutional network may be built with.</summary>
public enum NormKind
{
    /// <summary>Batch normalisation.</summary>
    Batch,

    /// <summary>Group normalisation.</summary>
    Group,

    /// <summary>Layer normalisation of each pixel's channels.</summary>
    Layer,

    /// <summary>EvoNorm-S0: normalisation and activation in one.</summary>
    EvoNorm,

    /// <summary>timm's <c>EvoNorm2dS0a</c>: EvoNorm-S0 that divides by the deviation also where it does not activate.</summary>
    EvoNormAlways,

    /// <summary>Filter response normalisation with its learned threshold.</summary>
    FilterResponse,
}

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

public static partial class Nn
{
    /// <summary>
    /// The normalisation of <paramref name="options"/> and the activation behind it (timm's <c>NormAct</c> layers). EvoNorm and filter
    /// response normalisation bring their own and only ask whether there is one.
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="channels">Channels in and out.</param>
    /// <param name="options">Which normalisation.</param>
    /// <param name="activation">The last step; it may work in place. Null goes without.</param>
    /// <param name="gamma">Start of the weight; null is one.</param>
    public static Layer Norm(Scope scope, long channels, NormOptions options, Layer? activation, Start? gamma = null) => options.Kind switch
    {
        NormKind.Batch => Sequence(BatchNorm2d(scope, channels, options.Epsilon, gamma: gamma), activation),
        NormKind.Group => Sequence(GroupNorm(scope, channels, options.Epsilon, gamma, options.Groups(channels)), activation),
        NormKind.Layer => Sequence(LayerNorm2d(scope, channels, options.Epsilon, gamma), activation),
        NormKind.EvoNorm or NormKind.EvoNormAlways => EvoNorm(
            scope, channels, options.Groups(channels), options.Epsilon, activation is not null, activation is not null || options.Kind == NormKind.EvoNormAlways, gamma),
        _ => FilterResponseNorm(scope, channels, options.Epsilon, activation is not null, gamma),
    };
}
