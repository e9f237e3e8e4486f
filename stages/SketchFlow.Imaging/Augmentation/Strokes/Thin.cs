using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>Draws with a thinner pen: lines shrink on both sides, and none is broken or lost.</summary>
public sealed record Thin : StrokeTransform
{
    private protected override Pixels Run(Pixels input, double pixels, bool keepSkeleton) => Augment.Thin(input, pixels, keepSkeleton);
}
