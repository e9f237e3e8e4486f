using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>Dilation, then erosion: small dark specks and hair lines vanish.</summary>
public sealed record Closing : MorphologicalTransform
{
    private protected override Pixels Run(Pixels input, int side, KernelShape shape)
    {
        using var dilated = Augment.Dilate(input, side, side, shape);
        return Augment.Erode(dilated, side, side, shape, mirrored: true);
    }
}
