using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>Dilation, then erosion: removes small dark specks and hairlines.</summary>
public sealed record Closing : MorphologicalTransform
{
    private protected override Pixels Run(Pixels input, int side, KernelShape shape)
    {
        using var dilated = MorphologicalFilters.Dilate(input, side, side, shape);
        return MorphologicalFilters.Erode(dilated, side, side, shape, mirrored: true);
    }
}
