using System.Collections.Immutable;
using TorchSharp;

namespace SketchFlow.Learning.Models;

/// <summary>A layer: a function of the pass (weights, mode, randomness) and its input.</summary>
/// <param name="pass">Weights, mode and randomness.</param>
/// <param name="input">The input, usually (N, C, H, W) or (N, tokens, C).</param>
public delegate torch.Tensor Layer(Pass pass, torch.Tensor input);

/// <summary>How timm prepares images for an architecture.</summary>
/// <param name="Mean">Per channel, red, green, blue, of pixels in [0, 1].</param>
/// <param name="Std">Per channel, red, green, blue.</param>
/// <param name="Interpolation">bicubic or bilinear.</param>
/// <param name="CropPct">Side of the centre crop over the side after resizing.</param>
public sealed record Preprocessing(ImmutableArray<double> Mean, ImmutableArray<double> Std, string Interpolation, double CropPct)
{
    /// <summary>center: the shorter side is resized and the middle cut out; squash: both sides are resized, whatever their ratio; border: the longer side is resized and the rest filled.</summary>
    public string CropMode { get; init; } = "center";

    /// <summary>ImageNet's mean and standard deviation, bicubic, crop 0.875: timm's default.</summary>
    public static Preprocessing ImageNet { get; } = new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225], "bicubic", 0.875);

    /// <summary>Mean and standard deviation 0.5 (Inception), bicubic, crop 0.9: timm's default for most ViTs.</summary>
    public static Preprocessing Inception { get; } = new([0.5, 0.5, 0.5], [0.5, 0.5, 0.5], "bicubic", 0.9);

    /// <summary>OpenAI CLIP's mean and standard deviation, bicubic, crop 1.</summary>
    public static Preprocessing Clip { get; } =
        new([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711], "bicubic", 1.0);
}

/// <summary>What a user may ask of an architecture beyond its name.</summary>
public sealed record ModelOptions
{
    /// <summary>Number of classes; 0 leaves the classifier out, and logits are then the pooled features.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Side of the square input in pixels; null is the architecture's own.</summary>
    public int? InputSize { get; init; }

    /// <summary>Drop path (stochastic depth) at the last block, growing linearly from 0 at the first.</summary>
    public double DropPath { get; init; }

    /// <summary>Dropout before the classifier.</summary>
    public double Dropout { get; init; }

    /// <summary>Start of layer scale where the architecture has it; null is its paper's (timm's) value.</summary>
    public double? LayerScale { get; init; }
}

/// <summary>A model as data: its tensors by name and shape, and its functions.</summary>
public sealed record Architecture
{
    /// <summary>timm's architecture name, such as <c>convnext_atto</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it was built with.</summary>
    public required ModelOptions Options { get; init; }

    /// <summary>Side of the square input in pixels.</summary>
    public required int InputSize { get; init; }

    /// <summary>timm's preprocessing.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>Tensors in timm's state-dict order.</summary>
    public required ImmutableArray<TensorSpec> Tensors { get; init; }

    /// <summary>Images (N, 3, H, W) to the last feature map or token sequence, as timm's <c>forward_features</c>.</summary>
    public required Layer Features { get; init; }

    /// <summary>Features to logits (N, classes), as timm's <c>forward_head</c>.</summary>
    public required Layer Head { get; init; }

    /// <summary>Name of the classifier's module, such as <c>fc</c> or <c>head.fc</c>.</summary>
    public required string Classifier { get; init; }

    /// <summary>Name of a second classifier's module where the answer is the mean of two (distilled DeiT); null with one alone.</summary>
    public string? SecondClassifier { get; init; }

    /// <summary>Name of the first convolution's module, such as <c>conv1</c> or <c>stem.0</c>.</summary>
    public required string FirstConvolution { get; init; }

    /// <summary>Images (N, 3, H, W), normalised, to logits (N, classes).</summary>
    public torch.Tensor Forward(Pass pass, torch.Tensor images)
    {
        using var features = Features(pass, images);
        return Head(pass, features);
    }

    /// <summary>Whether the tensor of this name belongs to a classifier.</summary>
    internal bool IsOfClassifier(string tensor) =>
        tensor.StartsWith($"{Classifier}.", StringComparison.Ordinal)
        || (SecondClassifier is { } second && tensor.StartsWith($"{second}.", StringComparison.Ordinal));

    /// <summary>Number of learned scalars.</summary>
    public long Parameters => Tensors.Where(t => t.Role == TensorRole.Parameter).Sum(t => t.Count);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Parameters / 1e6:0.0} M parameters, {InputSize} px, {Options.Classes} classes)";
}
