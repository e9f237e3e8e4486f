using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>Mirrors left and right, exactly.</summary>
public sealed record HorizontalFlip : Transform
{
    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts) => acts.Add(new Act.Warp(AffineMap.FlipX(size.Width), size));
}

/// <summary>Mirrors up and down, exactly.</summary>
public sealed record VerticalFlip : Transform
{
    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts) => acts.Add(new Act.Warp(AffineMap.FlipY(size.Height), size));
}
