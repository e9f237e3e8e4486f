using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Slants along both axes by uniform angles.</summary>
public sealed record Shear : Transform
{
    /// <summary>Largest angle to either side along x, degrees.</summary>
    public double X { get; init; } = 10;

    /// <summary>Largest angle to either side along y, degrees.</summary>
    public double Y { get; init; } = 10;

    /// <summary>Level of the paper that comes in.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(X, 0, 60, nameof(X));
        Within(Y, 0, 60, nameof(Y));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts)
    {
        var x = Math.Tan(chance.NextUniform(-X, X) * Math.PI / 180);
        var y = Math.Tan(chance.NextUniform(-Y, Y) * Math.PI / 180);
        acts.Add(new PixelOp.Affine(AffineMap.About(size, 1, x, y, 1), size, Fill));
    }
}
