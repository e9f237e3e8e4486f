using System.Collections.Immutable;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Pipeline.Recipes.Sections;

/// <summary>Resizing and normalisation of the images.</summary>
public sealed record PreparationRecipe
{
    /// <summary>Resize mode: letterbox keeps the aspect ratio and pads with white; stretch does not; centre_crop is timm's evaluation transform.</summary>
    public ResizeMode Fit { get; init; } = ResizeMode.Letterbox;

    /// <summary>
    /// Interpolation: area, or Pillow's bilinear, bicubic or lanczos; null is area for letterbox and stretch, and the architecture's own for centre_crop,
    /// as in timm's evaluation.
    /// </summary>
    public Interpolation? Interpolation { get; init; }

    /// <summary>Interpolation of images that grow, if interpolation is area.</summary>
    public Upsampling Growth { get; init; } = Upsampling.Linear;

    /// <summary>Side of the centre crop over the side after resizing; null is the architecture's.</summary>
    public double? CropPercent { get; init; }

    /// <summary>Source of the mean and standard deviation by which images are normalised.</summary>
    public Normalization Normalization { get; init; } = Normalization.Model;

    /// <summary>Mean of levels / 255 in red, green, blue; null is the model's, or is computed before training if normalization is data_set.</summary>
    public ImmutableArray<double>? Mean { get; init; }

    /// <summary>Standard deviation of levels / 255 in red, green, blue; given together with the mean.</summary>
    public ImmutableArray<double>? Std { get; init; }
}
