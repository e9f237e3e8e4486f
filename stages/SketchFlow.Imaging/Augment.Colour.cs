using OpenCvSharp;
using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>Changes brightness, contrast, saturation and hue; grey pictures only the first two.</summary>
public sealed record ColorJitter : Transform
{
    /// <summary>Largest change of the brightness's factor from 1.</summary>
    public double Brightness { get; init; } = 0.2;

    /// <summary>Largest change of the contrast's factor from 1, about mid-grey.</summary>
    public double Contrast { get; init; } = 0.2;

    /// <summary>Largest change of the saturation's factor from 1.</summary>
    public double Saturation { get; init; } = 0.2;

    /// <summary>Largest turn of the hue, as a share of the circle.</summary>
    public double Hue { get; init; } = 0.05;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Brightness, 0, 1, nameof(Brightness));
        Within(Contrast, 0, 1, nameof(Contrast));
        Within(Saturation, 0, 1, nameof(Saturation));
        Within(Hue, 0, 0.5, nameof(Hue));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var (brightness, contrast) = (chance.NextUniform(1 - Brightness, 1 + Brightness), chance.NextUniform(1 - Contrast, 1 + Contrast));
        var (saturation, hue) = (chance.NextUniform(1 - Saturation, 1 + Saturation), chance.NextUniform(-Hue, Hue));
        acts.Add(new Act.Tone(Augment.Table(v => (((v * brightness) - 127.5) * contrast) + 127.5)));
        acts.Add(new Act.Paint(input => Augment.SaturationHue(input, saturation, hue)));
    }
}

/// <summary>Saves as a JPEG of low quality and reads it back: its blocks and ringing.</summary>
public sealed record JpegCompression : Transform
{
    /// <summary>Lowest quality, 1-100.</summary>
    public int MinQuality { get; init; } = 40;

    /// <summary>Highest quality, 1-100.</summary>
    public int MaxQuality { get; init; } = 90;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(MaxQuality, 1, 100, nameof(MaxQuality));
        Within(MinQuality, 1, MaxQuality, nameof(MinQuality));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var quality = chance.NextInteger(MinQuality, MaxQuality + 1);
        acts.Add(new Act.Paint(input => Augment.JpegCompression(input, quality)));
    }
}

public static partial class Augment
{
    /// <summary>Scales the saturation and turns the hue (a share of the circle); one channel has neither.</summary>
    public static Pixels SaturationHue(Pixels input, double saturation, double hue)
    {
        // The way through hue and back moves some colours by a level: without a change it is not taken.
        if (input.Channels == 1 || (saturation == 1 && Math.Round(hue * 256) == 0))
        {
            return input.Clone();
        }

        return Raster.Run(input, (source, target) =>
        {
            // FULL: the hue's circle is 256 levels, so a shift wraps by itself.
            using var hsv = new Mat();
            Cv2.CvtColor(source, hsv, ColorConversionCodes.BGR2HSV_FULL);
            using var table = new Mat(1, 256, MatType.CV_8UC3);
            var shift = (int)Math.Round(hue * 256);
            for (var i = 0; i < 256; i++)
            {
                table.Set(0, i, new Vec3b((byte)(i + shift), (byte)Math.Clamp(Math.Round(i * saturation), 0, 255), (byte)i));
            }

            Cv2.LUT(hsv, table, hsv);
            Cv2.CvtColor(hsv, target, ColorConversionCodes.HSV2BGR_FULL);
        });
    }

    /// <summary>To a JPEG of that quality and back.</summary>
    public static Pixels JpegCompression(Pixels input, int quality)
    {
        var bytes = Encode.Jpeg(input, quality);
        return Raster.Run(input, (_, target) =>
        {
            using var decoded = Cv2.ImDecode(bytes, target.Channels() == 1 ? ImreadModes.Grayscale : ImreadModes.Color);
            decoded.CopyTo(target);
        });
    }
}
