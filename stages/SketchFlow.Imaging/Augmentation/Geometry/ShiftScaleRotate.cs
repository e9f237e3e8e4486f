using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Shifts, scales and turns at once, each by a uniform amount.</summary>
public sealed record ShiftScaleRotate : Transform
{
    /// <summary>Largest shift along either axis, as a share of that side.</summary>
    public double Shift { get; init; } = 0.1;

    /// <summary>Largest change of scale: the factor lies in 1 - Scale to 1 + Scale.</summary>
    public double Scale { get; init; } = 0.1;

    /// <summary>Largest angle to either side, degrees.</summary>
    public double Limit { get; init; } = 10;

    /// <summary>Level of the paper that comes in.</summary>
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
