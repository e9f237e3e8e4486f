using System.Globalization;
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

/// <summary>How pixels are made where the size changes.</summary>
public enum Interpolation
{
    /// <summary>Averages areas where the image shrinks and takes <see cref="Growth"/> where it grows: the fastest, and kind to thin lines.</summary>
    Area,

    /// <summary>Pillow's bilinear filter, antialiased: the bytes that torchvision gives for PIL images.</summary>
    Bilinear,

    /// <summary>Pillow's bicubic filter (a = -0.5), antialiased: what most of timm's models are evaluated with.</summary>
    Bicubic,

    /// <summary>Pillow's Lanczos filter of three lobes, antialiased.</summary>
    Lanczos,
}

/// <summary>What <see cref="Fit.CentreCrop"/> does with the aspect ratio (timm's <c>crop_mode</c>).</summary>
public enum CropMode
{
    /// <summary>Keeps it: the shorter side is scaled, what is longer is cut off.</summary>
    Center,

    /// <summary>Gives it up: both sides are scaled, and nothing is cut off where <c>crop_pct</c> is 1.</summary>
    Squash,
}

/// <summary>How images are brought to one size.</summary>
public sealed record PadResizeOptions
{
    /// <summary>Width and height of the result, in pixels.</summary>
    public int Side { get; init; } = 224;

    /// <summary>What becomes of the aspect ratio.</summary>
    public Fit Fit { get; init; } = Fit.Letterbox;

    /// <summary>How pixels are made; area is the fast path of training, Pillow's filters are for parity with timm.</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Area;

    /// <summary>What <see cref="Fit.CentreCrop"/> does with the aspect ratio.</summary>
    public CropMode CropMode { get; init; } = CropMode.Center;

    /// <summary>With <see cref="Interpolation.Area"/>, interpolation where the image grows.</summary>
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
        Fit.Letterbox => string.Create(CultureInfo.InvariantCulture, $"letterbox({Side}, fill={Fill}{Filter})"),
        Fit.Stretch => string.Create(CultureInfo.InvariantCulture, $"stretch({Side}{Filter})"),
        _ => string.Create(CultureInfo.InvariantCulture, $"centre-crop({Side}, crop_pct={CropPercent}{(CropMode == CropMode.Squash ? ", squash" : "")}{Filter})"),
    };

    private string Filter => Interpolation == Interpolation.Area ? "" : $", {Transform.Words(Interpolation.ToString(), '_')}";
}

/// <summary>Images of any shape to squares of one size. The channel count stays; the input is not changed.</summary>
public static partial class PadResize
{
    /// <summary>Brings <paramref name="input"/> to <see cref="PadResizeOptions.Side"/> × <see cref="PadResizeOptions.Side"/>.</summary>
    /// <returns>New pixels, which the caller owns.</returns>
    public static Pixels Run(PadResizeOptions options, Pixels input) => options.Fit switch
    {
        Fit.Letterbox => Letterbox(input, options.Side, options.Fill, options.Growth, options.Interpolation),
        Fit.Stretch => Stretch(input, options.Side, options.Side, options.Growth, options.Interpolation),
        _ => CentreCrop(input, options.Side, options.CropPercent, options.Growth, options.Interpolation, options.CropMode),
    };

    /// <summary>Resizes into a rectangle of <paramref name="output"/>: area averages along the axes that shrink, then interpolation along those that grow.</summary>
    private static void Resample(Pixels input, Pixels output, Rect place, Growth growth, Interpolation interpolation = Interpolation.Area)
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

        if (interpolation != Interpolation.Area)
        {
            PillowResampler.Run(input.Bytes, input.Width, input.Height, channels, target, stride, new Extent(place.Width, place.Height), interpolation);
            return;
        }

        if (place.Width <= input.Width && place.Height <= input.Height)
        {
            // Beyond 64 taps the fixed point runs out of bits; such images (14,000 px to 224) are rare enough for OpenCV's floats.
            if (input.Width > 60L * place.Width || input.Height > 60L * place.Height)
            {
                using var from = MatView.Of(input);
                using var to = MatView.Of(output);
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
        using var source = MatView.Of(shrunk);
        using var whole = MatView.Of(output);
        using var part = new Mat(whole.Mat, place);
        Cv2.Resize(source.Mat, part, place.Size, 0, 0, growth == Growth.Cubic ? InterpolationFlags.Cubic : InterpolationFlags.Linear);
    }
}
