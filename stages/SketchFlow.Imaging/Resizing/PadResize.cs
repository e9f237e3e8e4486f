using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Resizing;

/// <summary>Resizes images of any shape to squares of one size; keeps the channels and does not change the input.</summary>
public static partial class PadResize
{
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

        if (interpolation != Interpolation.Area)
        {
            PillowResampler.Run(PixelSpan.From(input), target, stride, new(place.Width, place.Height), interpolation);
            return;
        }

        if (place.Width <= input.Width && place.Height <= input.Height)
        {
            // Beyond 64 taps the fixed point has too few bits; such images (14,000 px to 224) are rare and go through OpenCV's floats.
            if (input.Width > 60L * place.Width || input.Height > 60L * place.Height)
            {
                using var from = MatView.Over(input);
                using var to = MatView.Over(output);
                using var within = new Mat(to.Mat, place);
                Cv2.Resize(from.Mat, within, place.Size, 0, 0, InterpolationFlags.Area);
                return;
            }

            AreaResampler.ForThisThread.Shrink(PixelSpan.From(input), target, stride, new(place.Width, place.Height));
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
}
