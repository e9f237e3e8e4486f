using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Barrel or cushion distortion: x (1 + k r²) about the centre, r = 1 at the middle of the longer side's edge.</summary>
public sealed record OpticalDistortion : Transform
{
    /// <summary>Largest k to either side.</summary>
    public double Limit { get; init; } = 0.15;

    /// <summary>Level of the paper that comes in.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Limit, 0, 1, nameof(Limit));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) =>
        ops.Add(new PixelOp.Remap(Augment.OpticalBack(random.NextUniform(-Limit, Limit)), Fill));
}
