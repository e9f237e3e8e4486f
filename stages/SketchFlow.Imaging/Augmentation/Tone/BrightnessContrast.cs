using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Tone;

/// <summary>Changes contrast and brightness by uniform amounts, like albumentations' RandomBrightnessContrast with brightness_by_max.</summary>
public sealed record BrightnessContrast : Transform
{
    /// <summary>Largest shift of the levels in either direction, as a share of 255.</summary>
    public double Brightness { get; init; } = 0.2;

    /// <summary>Largest deviation of the contrast factor from 1.</summary>
    public double Contrast { get; init; } = 0.2;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Brightness, 0, 1, nameof(Brightness));
        CheckRange(Contrast, 0, 1, nameof(Contrast));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var contrast = random.NextUniform(-Contrast, Contrast);
        var brightness = random.NextUniform(-Brightness, Brightness);
        ops.Add(new PixelOp.LevelMap(LookupTables.BrightnessContrast(brightness, contrast)));
    }
}
