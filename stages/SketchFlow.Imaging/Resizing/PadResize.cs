using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Resizing;

/// <summary>Resizes images of any shape to squares of one size; keeps the channels and does not change the input.</summary>
public static partial class PadResize
{
    // Tables of weights are made for sides up to this length.
    private const int LongestTabled = 1 << 16;

    /// <summary>Resizes <paramref name="input"/> to <see cref="PadResizeOptions.Side"/> × <see cref="PadResizeOptions.Side"/>.</summary>
    /// <returns>New pixels, which the caller owns.</returns>
    public static Pixels Run(PadResizeOptions options, Pixels input) => options.Fit switch
    {
        ResizeMode.Letterbox => Letterbox(input, options.Side, options.Fill, options.Upsampling, options.Interpolation),
        ResizeMode.Stretch => Stretch(input, options.Side, options.Side, options.Upsampling, options.Interpolation),
        _ => CentreCrop(input, options.Side, options.CropPercent, options.Upsampling, options.Interpolation, options.CropMode),
    };

    /// <summary>Resizes into a rectangle of <paramref name="output"/>: area averages along axes that shrink, then interpolation along axes that grow.</summary>
    private static void Resample(Pixels input, Pixels output, Rect place, Upsampling upsampling, Interpolation interpolation = Interpolation.Area)
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

        var window = ResizeWindow.Whole(place.Width, place.Height);
        if (interpolation != Interpolation.Area)
        {
            Filter(input, target, stride, window, interpolation);
            return;
        }

        if (place.Width <= input.Width && place.Height <= input.Height)
        {
            if (!Average(input, target, stride, window))
            {
                using var from = MatView.Over(input);
                using var to = MatView.Over(output);
                using var within = new Mat(to.Mat, place);
                Cv2.Resize(from.Mat, within, place.Size, 0, 0, InterpolationFlags.Area);
            }

            return;
        }

        var (width, height) = (Math.Min(place.Width, input.Width), Math.Min(place.Height, input.Height));
        using var shrunk = Pixels.Rent(input.Sample, width, height, channels);
        Resample(input, shrunk, new Rect(0, 0, width, height), upsampling);
        using var source = MatView.Over(shrunk);
        using var whole = MatView.Over(output);
        using var part = new Mat(whole.Mat, place);
        Cv2.Resize(source.Mat, part, place.Size, 0, 0, upsampling == Upsampling.Cubic ? InterpolationFlags.Cubic : InterpolationFlags.Linear);
    }

    /// <summary>Shrinks by area averages; returns false where OpenCV does it.</summary>
    private static bool Average(Pixels input, Span<byte> target, int stride, ResizeWindow window)
    {
        // Beyond 64 taps the fixed point has too few bits; such images (14,000 px to 224) are rare and go through OpenCV's floats.
        if (input.Width <= 60 * window.FullWidth && input.Height <= 60 * window.FullHeight)
        {
            AreaResampler.ForThisThread.Shrink(PixelSpan.From(input), target, stride, window);
            return true;
        }

        // OpenCV's tables grow with the input's sides.
        if (Math.Max(input.Width, input.Height) <= LongestTabled)
        {
            return false;
        }

        AreaAverage.Shrink(PixelSpan.From(input), target, stride, window);
        return true;
    }

    /// <summary>Resizes with one of Pillow's filters; sides that are far too long are averaged first, since the filter's weights grow with them.</summary>
    private static void Filter(Pixels input, Span<byte> target, int stride, ResizeWindow window, Interpolation interpolation)
    {
        var (width, height) = (Nearer(input.Width, window.FullWidth), Nearer(input.Height, window.FullHeight));
        if (width == input.Width && height == input.Height)
        {
            PillowResampler.Run(PixelSpan.From(input), target, stride, window, interpolation);
            return;
        }

        using var averaged = Pixels.Rent(input.Sample, width, height, input.Channels);
        AreaAverage.Shrink(PixelSpan.From(input), averaged.Bytes, width * input.Channels, ResizeWindow.Whole(width, height));
        PillowResampler.Run(PixelSpan.From(averaged), target, stride, window, interpolation);

        static int Nearer(int length, long full) => length > LongestTabled && length / 32 > full ? (int)(full * 32) : length;
    }
}
