namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of a SwiGLU layer (Shazeer 2020).</summary>
public sealed record SwiGluOptions
{
    /// <summary>Whether the fully connected layers have biases; the packed form always has them.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Epsilon of a layer normalisation after the product; null has no normalisation. The packed form has none.</summary>
    public double? NormEpsilon { get; init; }

    /// <summary>
    /// Whether one factor of the product starts near 1 through its bias, or near 0 without a bias, as in timm's vision transformers. EVA's
    /// own initialisation overrides this.
    /// </summary>
    public bool StartsNearOne { get; init; }

    /// <summary>Initializer of the last weight; null is normal with standard deviation 0.02.</summary>
    public Initializer? OutputInitializer { get; init; }
}
