using OpenCvSharp;
using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>How an image of any shape becomes a square.</summary>
public enum Fit
{
    /// <summary>Keeps the aspect ratio and everything in the picture; pads with paper.</summary>
    Letterbox,

    /// <summary>Stretches to the square.</summary>
    Stretch,

    /// <summary>Scales the shorter side and cuts the centre out, as timm evaluates.</summary>
    CentreCrop,
}

/// <summary>How new pixels are made when an image grows.</summary>
public enum Growth
{
    /// <summary>Bilinear: 4 neighbours.</summary>
    Linear,

    /// <summary>Bicubic (a = -0.75): 16 neighbours, sharper, about three times the time.</summary>
    Cubic,
}

/// <summary>How images are brought to one size.</summary>
public sealed record PadResizeOptions
{
    /// <summary>Width and height of the result, in pixels.</summary>
    public int Side { get; init; } = 224;

    /// <summary>What becomes of the aspect ratio.</summary>
    public Fit Fit { get; init; } = Fit.Letterbox;

    /// <summary>Interpolation where the image grows; where it shrinks, pixels are averaged by area.</summary>
    public Growth Growth { get; init; } = Growth.Linear;

    /// <summary>Level of the padding, 0-255; sketches are drawn on white.</summary>
    public byte Fill { get; init; } = 255;

    /// <summary>Share of the resized image that <see cref="Fit.CentreCrop"/> keeps, (0, 1] (timm's <c>crop_pct</c>).</summary>
    public double CropPercent { get; init; } = 0.875;

    /// <summary>Refuses sizes that cannot be.</summary>
    /// <exception cref="RefusalException">The side or the crop's share is out of range.</exception>
    public void Check()
    {
        if (Side is < 1 or > 8192)
        {
            throw new RefusalException($"The image size {Side} is outside of 1 to 8192 pixels; set image_size within it.");
        }

        if (CropPercent is not (> 0 and <= 1))
        {
            throw new RefusalException($"crop_pct {CropPercent} is outside of (0, 1]; timm's models use 0.875 to 1.");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Fit switch
    {
        Fit.Letterbox => $"letterbox({Side}, fill={Fill})",
        Fit.Stretch => $"stretch({Side})",
        _ => $"centre-crop({Side}, crop_pct={CropPercent})",
    };
}

/// <summary>Images of any shape to squares of one size. The channel count stays; the input is not changed.</summary>
public static partial class PadResize
{
    /// <summary>Brings <paramref name="input"/> to <see cref="PadResizeOptions.Side"/> × <see cref="PadResizeOptions.Side"/>.</summary>
    /// <returns>New pixels, which the caller owns.</returns>
    public static Pixels Run(PadResizeOptions options, Pixels input) => options.Fit switch
    {
        Fit.Letterbox => Letterbox(input, options.Side, options.Fill, options.Growth),
        Fit.Stretch => Stretch(input, options.Side, options.Side, options.Growth),
        _ => CentreCrop(input, options.Side, options.CropPercent, options.Growth),
    };

    /// <summary>Resizes into a rectangle of <paramref name="output"/>: area averages along the axes that shrink, then interpolation along those that grow.</summary>
    private static void Resample(Pixels input, Pixels output, Rect place, Growth growth)
    {
        var channels = input.Channels;
        var target = output.Bytes[(((place.Y * output.Width) + place.X) * channels)..];
        var stride = output.Width * channels;
        if (place.Width == input.Width && place.Height == input.Height)
        {
            var row = input.Width * channels;
            for (var y = 0; y < input.Height; y++)
            {
                input.Bytes.Slice(y * row, row).CopyTo(target[(y * stride)..]);
            }

            return;
        }

        if (place.Width <= input.Width && place.Height <= input.Height)
        {
            // Beyond 64 taps the fixed point runs out of bits; such images (14,000 px to 224) are rare enough for OpenCV's floats.
            if (input.Width > 60L * place.Width || input.Height > 60L * place.Height)
            {
                using var from = View.Of(input);
                using var to = View.Of(output);
                using var within = new Mat(to.Mat, place);
                Cv2.Resize(from.Mat, within, place.Size, 0, 0, InterpolationFlags.Area);
                return;
            }

            AreaResampler.OfThisThread.Shrink(input.Bytes, input.Width, input.Height, channels, target, stride, place.Width, place.Height);
            return;
        }

        var (width, height) = (Math.Min(place.Width, input.Width), Math.Min(place.Height, input.Height));
        using var shrunk = Pixels.Rent(input.Sample, width, height, channels);
        Resample(input, shrunk, new Rect(0, 0, width, height), growth);
        using var source = View.Of(shrunk);
        using var whole = View.Of(output);
        using var part = new Mat(whole.Mat, place);
        Cv2.Resize(source.Mat, part, place.Size, 0, 0, growth == Growth.Cubic ? InterpolationFlags.Cubic : InterpolationFlags.Linear);
    }
}
