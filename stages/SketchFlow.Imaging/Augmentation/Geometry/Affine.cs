using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Scales the axes independently, shears, rotates and shifts: a random affine map about the centre.</summary>
/// <remarks>The order is scale, shear, rotation, shift, as in torchvision's and albumentations' Affine.</remarks>
public sealed record Affine : Transform
{
    /// <summary>Largest deviation of the scale factors from 1.</summary>
    public double Scale { get; init; } = 0.1;

    /// <summary>Uses one scale factor for both axes; false draws one per axis, which changes the aspect ratio.</summary>
    public bool KeepRatio { get; init; }

    /// <summary>Largest shift along either axis, as a share of that side.</summary>
    public double Shift { get; init; } = 0.05;

    /// <summary>Largest angle of rotation in either direction, degrees.</summary>
    public double Limit { get; init; } = 10;

    /// <summary>Largest angle of shear along either axis in either direction, degrees.</summary>
    public double Shear { get; init; } = 5;

    /// <summary>Level of the pixels outside of the image.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Scale, 0, 0.9, nameof(Scale));
        CheckRange(Shift, 0, 1, nameof(Shift));
        CheckRange(Limit, 0, 180, nameof(Limit));
        CheckRange(Shear, 0, 60, nameof(Shear));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var (across, down) = (random.NextUniform(1 - Scale, 1 + Scale), random.NextUniform(1 - Scale, 1 + Scale));
        var (shearX, shearY) = (random.NextUniform(-Shear, Shear), random.NextUniform(-Shear, Shear));
        var degrees = random.NextUniform(-Limit, Limit);
        var (dx, dy) = (random.NextUniform(-Shift, Shift) * size.Width, random.NextUniform(-Shift, Shift) * size.Height);
        var map = AffineMap.AboutCentre(size, across, 0, 0, KeepRatio ? across : down)
            .Then(AffineMap.AboutCentre(size, 1, Math.Tan(shearX * Math.PI / 180), Math.Tan(shearY * Math.PI / 180), 1))
            .Then(AffineMap.Rotation(size, degrees, 1, dx, dy));
        ops.Add(new PixelOp.Affine(map, size, Fill));
    }
}
