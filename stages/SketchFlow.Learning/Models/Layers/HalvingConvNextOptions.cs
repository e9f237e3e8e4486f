namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of a ConvNeXt block that may halve the image.</summary>
public sealed record HalvingConvNextOptions
{
    /// <summary>Start of layer scale; null goes without it.</summary>
    public double? LayerScale { get; init; }

    /// <summary>How a convolution's fresh weight is filled, by its channels out, its kernel's area and its groups; null is PyTorch's default.</summary>
    public Func<long, long, long, Initializer>? Start { get; init; }
}
