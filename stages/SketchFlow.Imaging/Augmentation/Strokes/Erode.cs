using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>Takes the darkest of the neighbourhood: dark lines on paper grow thicker.</summary>
public sealed record Erode : MorphologicalTransform
{
    private protected override Pixels Run(Pixels input, int side, KernelShape shape) => Augment.Erode(input, side, side, shape);
}
