using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>Erosion, then dilation: removes small bright specks.</summary>
public sealed record Opening : MorphologicalTransform
{
    private protected override Pixels Run(Pixels input, int side, KernelShape shape)
    {
        using var eroded = MorphologicalFilters.Erode(input, side, side, shape);
        return MorphologicalFilters.Dilate(eroded, side, side, shape, mirrored: true);
    }
}
