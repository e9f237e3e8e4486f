namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of a convolution followed by a normalisation and an activation.</summary>
public sealed record ConvNormOptions
{
    /// <summary>Kernel, stride, padding and groups of the convolution.</summary>
    public Conv2dOptions Convolution { get; init; } = new();

    /// <summary>
    /// Whether a convolution without an initializer of its own starts as He et al. 2015, fan out divided by the groups (timm's efficientnets
    /// and byobnets); otherwise as PyTorch's default.
    /// </summary>
    public bool HeFanOut { get; init; } = true;

    /// <summary>Kind of normalisation.</summary>
    public NormOptions Norm { get; init; } = new();

    /// <summary>Activation after the normalisation, which may work in place; null has none.</summary>
    public Layer? Activation { get; init; }

    /// <summary>Initializer of the normalisation's weight; null is one.</summary>
    public Initializer? Gamma { get; init; }

    /// <summary>Name of the convolution's module.</summary>
    public string ConvolutionName { get; init; } = "conv";

    /// <summary>Name of the normalisation's module.</summary>
    public string NormName { get; init; } = "bn";
}
