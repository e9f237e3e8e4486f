using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>Erosion, then dilation: small bright specks vanish.</summary>
public sealed record Opening : MorphologicalTransform
{
    private protected override Pixels Run(Pixels input, int side, KernelShape shape)
    {
        using var eroded = Augment.Erode(input, side, side, shape);
        return Augment.Dilate(eroded, side, side, shape, mirrored: true);
    }
}
