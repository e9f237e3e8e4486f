using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Barrel or pincushion distortion: x (1 + k r²) about the centre, where r = 1 at half the longer side.</summary>
public sealed record OpticalDistortion : Transform
{
    /// <summary>Largest absolute value of k.</summary>
    public double Limit { get; init; } = 0.15;

    /// <summary>Level of the pixels outside of the image.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Limit, 0, 1, nameof(Limit));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) =>
        ops.Add(new PixelOp.Remap(DistortionMaps.Optical(random.NextUniform(-Limit, Limit)), Fill));
}
