using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Geometry;

/// <summary>Scales each axis by itself, slants, turns and shifts: any affine map near the identity, drawn about the centre.</summary>
/// <remarks>The parts are applied in the order scale, shear, turn, shift, as torchvision's and albumentations' Affine.</remarks>
public sealed record Affine : Transform
{
    /// <summary>Largest change of scale: each factor lies in 1 - Scale to 1 + Scale.</summary>
    public double Scale { get; init; } = 0.1;

    /// <summary>One factor for both axes; false draws one for each, so that drawings grow wider or taller.</summary>
    public bool KeepRatio { get; init; }

    /// <summary>Largest shift along either axis, as a share of that side.</summary>
    public double Shift { get; init; } = 0.05;

    /// <summary>Largest angle of the turn to either side, degrees.</summary>
    public double Limit { get; init; } = 10;

    /// <summary>Largest angle of the slant along either axis to either side, degrees.</summary>
    public double Shear { get; init; } = 5;

    /// <summary>Level of the paper that comes in.</summary>
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
        var (slantX, slantY) = (random.NextUniform(-Shear, Shear), random.NextUniform(-Shear, Shear));
        var degrees = random.NextUniform(-Limit, Limit);
        var (dx, dy) = (random.NextUniform(-Shift, Shift) * size.Width, random.NextUniform(-Shift, Shift) * size.Height);
        var map = AffineMap.AboutCentre(size, across, 0, 0, KeepRatio ? across : down)
            .Then(AffineMap.AboutCentre(size, 1, Math.Tan(slantX * Math.PI / 180), Math.Tan(slantY * Math.PI / 180), 1))
            .Then(AffineMap.Rotation(size, degrees, 1, dx, dy));
        ops.Add(new PixelOp.Affine(map, size, Fill));
    }
}
