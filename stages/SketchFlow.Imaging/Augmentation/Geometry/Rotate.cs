using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Rotates about the centre by a uniform angle.</summary>
public sealed record Rotate : Transform
{
    /// <summary>Largest angle in either direction, degrees.</summary>
    public double Limit { get; init; } = 15;

    /// <summary>Level of the pixels outside of the image.</summary>
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
