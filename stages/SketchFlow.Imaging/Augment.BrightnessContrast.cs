using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>Changes contrast and brightness by uniform amounts, as albumentations' RandomBrightnessContrast with brightness_by_max.</summary>
public sealed record BrightnessContrast : Transform
{
    /// <summary>Largest shift of the level to either side, as a share of 255.</summary>
    public double Brightness { get; init; } = 0.2;

    /// <summary>Largest change of the contrast's factor from 1.</summary>
    public double Contrast { get; init; } = 0.2;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Brightness, 0, 1, nameof(Brightness));
        Within(Contrast, 0, 1, nameof(Contrast));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var contrast = chance.NextUniform(-Contrast, Contrast);
        var brightness = chance.NextUniform(-Brightness, Brightness);
        acts.Add(new Act.Tone(Augment.BrightnessContrastTable(brightness, contrast)));
    }
}

public static partial class Augment
{
    /// <summary>level × (1 + contrast) + 255 × brightness in single precision, within 0-255, truncated as albumentations' table is.</summary>
    public static byte[] BrightnessContrastTable(double brightness, double contrast)
    {
        var (alpha, beta, table) = ((float)(1 + contrast), (float)(255 * brightness), new byte[256]);
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = (byte)Math.Clamp((i * alpha) + beta, 0F, 255F);
        }

        return table;
    }
}
