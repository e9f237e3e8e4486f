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
        Within(Scale, 0, 0.9, nameof(Scale));
        Within(Shift, 0, 1, nameof(Shift));
        Within(Limit, 0, 180, nameof(Limit));
        Within(Shear, 0, 60, nameof(Shear));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts)
    {
        var (across, down) = (chance.NextUniform(1 - Scale, 1 + Scale), chance.NextUniform(1 - Scale, 1 + Scale));
        var (slantX, slantY) = (chance.NextUniform(-Shear, Shear), chance.NextUniform(-Shear, Shear));
        var degrees = chance.NextUniform(-Limit, Limit);
        var (dx, dy) = (chance.NextUniform(-Shift, Shift) * size.Width, chance.NextUniform(-Shift, Shift) * size.Height);
        var map = AffineMap.About(size, across, 0, 0, KeepRatio ? across : down)
            .Then(AffineMap.About(size, 1, Math.Tan(slantX * Math.PI / 180), Math.Tan(slantY * Math.PI / 180), 1))
            .Then(AffineMap.Turn(size, degrees, 1, dx, dy));
        acts.Add(new PixelOp.Affine(map, size, Fill));
    }
}
