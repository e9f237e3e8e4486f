using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Shifts, scales and rotates by uniform amounts in one step.</summary>
public sealed record ShiftScaleRotate : Transform
{
    /// <summary>Largest shift along either axis, as a share of that side.</summary>
    public double Shift { get; init; } = 0.1;

    /// <summary>Largest deviation of the scale factor from 1.</summary>
    public double Scale { get; init; } = 0.1;

    /// <summary>Largest angle in either direction, degrees.</summary>
    public double Limit { get; init; } = 10;

    /// <summary>Level of the pixels outside of the image.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Shift, 0, 1, nameof(Shift));
        CheckRange(Scale, 0, 0.9, nameof(Scale));
        CheckRange(Limit, 0, 180, nameof(Limit));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var degrees = random.NextUniform(-Limit, Limit);
        var scale = random.NextUniform(1 - Scale, 1 + Scale);
        var dx = random.NextUniform(-Shift, Shift) * size.Width;
        var dy = random.NextUniform(-Shift, Shift) * size.Height;
        ops.Add(new PixelOp.Affine(AffineMap.Rotation(size, degrees, scale, dx, dy), size, Fill));
    }
}
