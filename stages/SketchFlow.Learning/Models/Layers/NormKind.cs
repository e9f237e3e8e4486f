namespace SketchFlow.Learning.Models.Layers;

/// <summary>Normalisations over images (N, C, H, W) in convolutional networks.</summary>
public enum NormKind
{
    /// <summary>Batch normalisation.</summary>
    Batch,

    /// <summary>Group normalisation.</summary>
    Group,

    /// <summary>Layer normalisation over the channels of each pixel.</summary>
    Layer,

    /// <summary>EvoNorm-S0: normalisation and activation in one.</summary>
    EvoNorm,

    /// <summary>timm's <c>EvoNorm2dS0a</c>: EvoNorm-S0 that divides by the standard deviation even without activation.</summary>
    EvoNormAlways,

    /// <summary>Filter response normalisation with a learned threshold.</summary>
    FilterResponse,
}
