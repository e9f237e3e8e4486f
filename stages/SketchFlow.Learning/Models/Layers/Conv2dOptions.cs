namespace SketchFlow.Learning.Models.Layers;

/// <summary>Settings of a convolution; kernels are square unless told otherwise.</summary>
public sealed record Conv2dOptions
{
    /// <summary>Side of the kernel in pixels; its height where <see cref="KernelWidth"/> differs.</summary>
    public int Kernel { get; init; } = 1;

    /// <summary>Width of the kernel in pixels; null is its height.</summary>
    public int? KernelWidth { get; init; }

    /// <summary>Step of the kernel in pixels.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Zeros around the image in pixels; null keeps the size at stride 1: (kernel - 1) / 2.</summary>
    public int? Padding { get; init; }

    /// <summary>
    /// TensorFlow's SAME padding instead: as many zeros as an output of ceil(size / stride) needs, the odd one at the right and
    /// the bottom. Networks whose weights come from TensorFlow or JAX need it.
    /// </summary>
    public bool Same { get; init; }

    /// <summary>Groups of channels that do not see each other.</summary>
    public long Groups { get; init; } = 1;

    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; }

    /// <summary>How a fresh weight is filled; null is PyTorch's default.</summary>
    public Initializer? Start { get; init; }

    /// <summary>How a fresh bias is filled; null is PyTorch's default.</summary>
    public Initializer? BiasStart { get; init; }
}
