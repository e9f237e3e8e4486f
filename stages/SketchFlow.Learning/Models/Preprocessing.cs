using System.Collections.Immutable;

namespace SketchFlow.Learning.Models;

/// <summary>timm's image preprocessing for an architecture or for pretrained weights.</summary>
/// <param name="Mean">Mean per channel (red, green, blue) of pixels in [0, 1].</param>
/// <param name="Std">Standard deviation per channel (red, green, blue).</param>
/// <param name="Interpolation">Interpolation of resizing: bicubic or bilinear.</param>
/// <param name="CropPct">Side of the centre crop divided by the side after resizing.</param>
public sealed record Preprocessing(ImmutableArray<double> Mean, ImmutableArray<double> Std, string Interpolation, double CropPct)
{
    /// <summary>
    /// Crop mode. center: the shorter side is resized and the centre is cropped; squash: both sides are resized, ignoring the aspect ratio;
    /// border: the longer side is resized and the rest is filled.
    /// </summary>
    public string CropMode { get; init; } = "center";

    /// <summary>timm's default: ImageNet's mean and standard deviation, bicubic, crop 0.875.</summary>
    public static Preprocessing ImageNet { get; } = new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225], "bicubic", 0.875);

    /// <summary>timm's default for most vision transformers: mean and standard deviation 0.5 (Inception), bicubic, crop 0.9.</summary>
    public static Preprocessing Inception { get; } = new([0.5, 0.5, 0.5], [0.5, 0.5, 0.5], "bicubic", 0.9);

    /// <summary>OpenAI CLIP's mean and standard deviation, bicubic, crop 1.</summary>
    public static Preprocessing Clip { get; } =
        new([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711], "bicubic", 1.0);
}
