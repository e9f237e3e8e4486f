namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of a fully connected layer.</summary>
public sealed record LinearOptions
{
    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>
    /// Whether the weight is stored as that of a 1 × 1 convolution, (out, in, 1, 1), as in timm's <c>use_conv</c> models. The function is
    /// the same: the last dimension of the input holds the channels.
    /// </summary>
    public bool StoredAsConvolution { get; init; }

    /// <summary>Initializer of the weight; null is PyTorch's default.</summary>
    public Initializer? WeightInitializer { get; init; }

    /// <summary>Initializer of the bias; null is PyTorch's default.</summary>
    public Initializer? BiasInitializer { get; init; }

    /// <summary>Whether weight decay applies to the weight.</summary>
    public bool Decays { get; init; } = true;

    /// <summary>Initialisation of transformers and ConvNeXt: truncated normal weights with standard deviation 0.02, zero biases.</summary>
    public static LinearOptions TruncatedNormal { get; } =
        new() { WeightInitializer = new Initializer.TruncatedNormal(0.02), BiasInitializer = Initializer.Zeros };
}
