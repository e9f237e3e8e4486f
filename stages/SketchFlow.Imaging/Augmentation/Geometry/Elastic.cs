using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Elastic distortion (Simard et al. 2003): random displacements on a coarse grid, interpolated between its points.</summary>
public sealed record Elastic : Transform
{
    /// <summary>Standard deviation of the displacements, pixels.</summary>
    public double Alpha { get; init; } = 3;

    /// <summary>Distance between the points of the grid, pixels; larger is smoother.</summary>
    public int Grid { get; init; } = 32;

    /// <summary>Level of the pixels outside of the image.</summary>
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
        ops.Add(new PixelOp.Remap(DistortionMaps.Elastic(Alpha, Grid, random.Fork(1)), Fill));
}
