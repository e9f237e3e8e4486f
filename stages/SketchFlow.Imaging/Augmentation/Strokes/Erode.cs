using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>Takes the darkest level of the neighbourhood: makes dark lines thicker.</summary>
public sealed record Erode : MorphologicalTransform
{
    private protected override Pixels Run(Pixels input, int side, KernelShape shape) => MorphologicalFilters.Erode(input, side, side, shape);
}
