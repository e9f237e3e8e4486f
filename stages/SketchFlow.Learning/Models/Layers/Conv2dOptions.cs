namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of a convolution.</summary>
public sealed record Conv2dOptions
{
    /// <summary>Side of the kernel in pixels, or its height if <see cref="KernelWidth"/> is set.</summary>
    public int Kernel { get; init; } = 1;

    /// <summary>Width of the kernel in pixels; null is a square kernel.</summary>
    public int? KernelWidth { get; init; }

    /// <summary>Stride in pixels.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Zero padding on each side in pixels; null is (kernel - 1) / 2, which keeps the size at stride 1.</summary>
    public int? Padding { get; init; }

    /// <summary>
    /// Whether TensorFlow's SAME padding is used instead: the padding that an output of ceil(size / stride) needs, with the odd pixel on the
    /// right and at the bottom. Networks with weights from TensorFlow or JAX need it.
    /// </summary>
    public bool Same { get; init; }

    /// <summary>Number of groups of channels that are convolved separately.</summary>
    public long Groups { get; init; } = 1;

    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; }

    /// <summary>Initializer of the weight; null is PyTorch's default.</summary>
    public Initializer? WeightInitializer { get; init; }

    /// <summary>Initializer of the bias; null is PyTorch's default.</summary>
    public Initializer? BiasInitializer { get; init; }
}
