namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of a ConvNeXt block that may downsample.</summary>
public sealed record ConvNextBlockOptions
{
    /// <summary>Initial value of layer scale; null has no layer scale.</summary>
    public double? LayerScale { get; init; }

    /// <summary>Initializer of a convolution's weight for its output channels, kernel area and groups; null is PyTorch's default.</summary>
    public Func<long, long, long, Initializer>? WeightInitializer { get; init; }
}
