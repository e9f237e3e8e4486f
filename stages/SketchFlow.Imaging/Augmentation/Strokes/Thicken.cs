using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>Thickens lines on both sides, as a thicker pen would, without joining two lines.</summary>
public sealed record Thicken : StrokeTransform
{
    private protected override Pixels Run(Pixels input, double pixels, bool keepSkeleton) => StrokeWidth.Thicken(input, pixels, keepSkeleton);
}
