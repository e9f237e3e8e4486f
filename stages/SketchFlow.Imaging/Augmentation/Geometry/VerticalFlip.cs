using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Mirrors up and down, exactly.</summary>
public sealed record VerticalFlip : Transform
{
    /// <inheritdoc/>
    protected internal override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts) => acts.Add(new PixelOp.Affine(AffineMap.FlipY(size.Height), size));
}
