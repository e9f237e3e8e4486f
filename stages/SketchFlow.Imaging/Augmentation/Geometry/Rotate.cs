using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Turns about the centre by a uniform angle.</summary>
public sealed record Rotate : Transform
{
    /// <summary>Largest angle to either side, degrees.</summary>
    public double Limit { get; init; } = 15;

    /// <summary>Level of the paper that comes in at the corners.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Limit, 0, 180, nameof(Limit));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) =>
        ops.Add(new PixelOp.Affine(AffineMap.Rotation(size, random.NextUniform(-Limit, Limit)), size, Fill));
}
