using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Mirrors left and right, without interpolation.</summary>
public sealed record HorizontalFlip : Transform
{
    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) =>
        ops.Add(new PixelOp.Affine(AffineMap.FlipX(size.Width), size));
}
