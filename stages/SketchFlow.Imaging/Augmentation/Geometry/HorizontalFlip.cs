using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Mirrors left and right, exactly.</summary>
public sealed record HorizontalFlip : Transform
{
    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts) => acts.Add(new Act.Warp(AffineMap.FlipX(size.Width), size));
}
