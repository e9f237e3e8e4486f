using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>Thins lines on both sides, as a thinner pen would, without breaking or erasing any.</summary>
public sealed record Thin : StrokeTransform
{
    private protected override Pixels Run(Pixels input, double pixels, bool keepSkeleton) => StrokeWidth.Thin(input, pixels, keepSkeleton);
}
