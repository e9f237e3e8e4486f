using System.Collections.Immutable;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>How images come to one size.</summary>
public sealed record PreparationRecipe
{
    /// <summary>letterbox keeps the aspect ratio and pads with white; stretch does not; centre_crop is timm's evaluation transform.</summary>
    public ResizeMode Fit { get; init; } = ResizeMode.Letterbox;

    /// <summary>area, or Pillow's bilinear, bicubic or lanczos; null is area for letterbox and stretch, and the architecture's own for centre_crop, as timm evaluates.</summary>
    public Interpolation? Interpolation { get; init; }

    /// <summary>With area, interpolation where an image grows.</summary>
    public Upsampling Growth { get; init; } = Upsampling.Linear;

    /// <summary>Centre crop: side of the cut over the side after resizing; null is the architecture's.</summary>
    public double? CropPercent { get; init; }

    /// <summary>Whose mean and standard deviation images are normalised by.</summary>
    public Normalization Normalization { get; init; } = Normalization.Model;

    /// <summary>Mean of levels / 255 in red, green, blue; null is the model's, or is counted before training where the data set's is asked for.</summary>
    public ImmutableArray<double>? Mean { get; init; }

    /// <summary>Standard deviation of the same; given together with the mean.</summary>
    public ImmutableArray<double>? Std { get; init; }
}
