using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Mirrors up and down, without interpolation.</summary>
public sealed record VerticalFlip : Transform
{
    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) =>
        ops.Add(new PixelOp.Affine(AffineMap.FlipY(size.Height), size));
}
