namespace SketchFlow.Learning.Models.Layers;

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
