namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of a fully connected layer.</summary>
public sealed record LinearOptions
{
    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>
    /// Whether the weight is stored as a 1 × 1 convolution's, (out, in, 1, 1), as timm's <c>use_conv</c> models have it. The
    /// function is the same: the last dimension of the input holds the channels.
    /// </summary>
    public bool StoredAsConvolution { get; init; }

    /// <summary>How a fresh weight is filled; null is PyTorch's default.</summary>
    public Initializer? Start { get; init; }

    /// <summary>How a fresh bias is filled; null is PyTorch's default.</summary>
    public Initializer? BiasStart { get; init; }

    /// <summary>Whether weight decay applies to the weight.</summary>
    public bool Decays { get; init; } = true;

    /// <summary>Weights normal with standard deviation 0.02, biases zero: transformers and ConvNeXt.</summary>
    public static LinearOptions Small { get; } = new() { Start = new Initializer.TruncatedNormal(0.02), BiasStart = Initializer.Zeros };
}
