using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Tone;

/// <summary>Changes brightness, contrast, saturation and hue; in grey images only the first two.</summary>
public sealed record ColorJitter : Transform
{
    /// <summary>Largest deviation of the brightness factor from 1.</summary>
    public double Brightness { get; init; } = 0.2;

    /// <summary>Largest deviation of the contrast factor from 1, relative to mid-grey.</summary>
    public double Contrast { get; init; } = 0.2;

    /// <summary>Largest deviation of the saturation factor from 1.</summary>
    public double Saturation { get; init; } = 0.2;

    /// <summary>Largest rotation of the hue, as a share of the circle.</summary>
    public double Hue { get; init; } = 0.05;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Brightness, 0, 1, nameof(Brightness));
        CheckRange(Contrast, 0, 1, nameof(Contrast));
        CheckRange(Saturation, 0, 1, nameof(Saturation));
        CheckRange(Hue, 0, 0.5, nameof(Hue));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var (brightness, contrast) = (random.NextUniform(1 - Brightness, 1 + Brightness), random.NextUniform(1 - Contrast, 1 + Contrast));
        var (saturation, hue) = (random.NextUniform(1 - Saturation, 1 + Saturation), random.NextUniform(-Hue, Hue));
        ops.Add(new PixelOp.LevelMap(LookupTables.FromFormula(v => (((v * brightness) - 127.5) * contrast) + 127.5)));
        ops.Add(new PixelOp.Custom(input => HueSaturation.Adjust(input, saturation, hue)));
    }
}
