using System.Collections.Immutable;

namespace SketchFlow.Learning.Models;

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
