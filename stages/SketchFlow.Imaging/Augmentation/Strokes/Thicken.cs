using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>Draws with a thicker pen: lines grow on both sides, and two lines do not run into one.</summary>
public sealed record Thicken : StrokeTransform
{
    private protected override Pixels Run(Pixels input, double pixels, bool keepSkeleton) => Augment.Thicken(input, pixels, keepSkeleton);
}
