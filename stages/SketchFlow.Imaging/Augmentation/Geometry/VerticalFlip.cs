using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Mirrors up and down, exactly.</summary>
public sealed record VerticalFlip : Transform
{
    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts) => acts.Add(new Act.Warp(AffineMap.FlipY(size.Height), size));
}
