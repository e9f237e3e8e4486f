using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Bends smoothly and at random (Simard et al. 2003), by a coarse grid of shifts interpolated between.</summary>
public sealed record Elastic : Transform
{
    /// <summary>Standard deviation of the shifts, pixels.</summary>
    public double Alpha { get; init; } = 3;

    /// <summary>Distance of the grid's points, pixels: the larger, the smoother.</summary>
    public int Grid { get; init; } = 32;

    /// <summary>Level of the paper that comes in.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Alpha, 0, 100, nameof(Alpha));
        CheckRange(Grid, 2, 1024, nameof(Grid));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) =>
        ops.Add(new PixelOp.Remap(Augment.ElasticBack(Alpha, Grid, random.Fork(1)), Fill));
}
