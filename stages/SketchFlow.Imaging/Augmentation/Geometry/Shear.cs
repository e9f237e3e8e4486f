using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Shears along both axes by uniform angles.</summary>
public sealed record Shear : Transform
{
    /// <summary>Largest angle along x in either direction, degrees.</summary>
    public double X { get; init; } = 10;

    /// <summary>Largest angle along y in either direction, degrees.</summary>
    public double Y { get; init; } = 10;

    /// <summary>Level of the pixels outside of the image.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(X, 0, 60, nameof(X));
        CheckRange(Y, 0, 60, nameof(Y));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var x = Math.Tan(random.NextUniform(-X, X) * Math.PI / 180);
        var y = Math.Tan(random.NextUniform(-Y, Y) * Math.PI / 180);
        ops.Add(new PixelOp.Affine(AffineMap.AboutCentre(size, 1, x, y, 1), size, Fill));
    }
}
