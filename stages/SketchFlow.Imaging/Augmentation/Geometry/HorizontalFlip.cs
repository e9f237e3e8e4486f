using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Mirrors left and right, exactly.</summary>
public sealed record HorizontalFlip : Transform
{
    /// <inheritdoc/>
    protected internal override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts) => acts.Add(new PixelOp.Affine(AffineMap.FlipX(size.Width), size));
}
