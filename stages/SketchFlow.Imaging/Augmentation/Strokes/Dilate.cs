using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>Takes the brightest of the neighbourhood: dark lines on paper grow thinner.</summary>
public sealed record Dilate : MorphologicalTransform
{
    private protected override Pixels Run(Pixels input, int side, KernelShape shape) => Augment.Dilate(input, side, side, shape);
}
