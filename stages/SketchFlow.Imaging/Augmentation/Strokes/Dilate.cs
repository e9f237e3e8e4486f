using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>Takes the brightest level of the neighbourhood: makes dark lines thinner.</summary>
public sealed record Dilate : MorphologicalTransform
{
    private protected override Pixels Run(Pixels input, int side, KernelShape shape) => MorphologicalFilters.Dilate(input, side, side, shape);
}
