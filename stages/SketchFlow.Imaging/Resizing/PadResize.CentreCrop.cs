using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Resizing;

public static partial class PadResize
{
    // Larger images, compared with the crop, are not enlarged as a whole; the part alone is equal to it up to rounding.
    private const double LargestWhole = 32;

    /// <summary>Scales the shorter side to floor(<paramref name="side"/> / <paramref name="cropPercent"/>) and keeps the central square.</summary>
    /// <remarks>
    /// Sizes and positions are those of timm's transforms_imagenet_eval (torchvision's Resize and CenterCrop, rounded half to even). Only what is
    /// under the crop is resampled, so that long images need no more time or memory than square ones.
    /// </remarks>
    /// <param name="input">Any size; not changed.</param>
    /// <param name="side">Width and height of the result, pixels.</param>
    /// <param name="cropPercent">Share of the resized image that is kept, above 0 and at most 1.</param>
    /// <param name="upsampling">Interpolation where the image grows, with area averages.</param>
    /// <param name="interpolation">Interpolation, or area averages where the image shrinks.</param>
    /// <param name="mode">Whether the aspect ratio is kept.</param>
    public static Pixels CentreCrop(
        Pixels input,
        int side,
        double cropPercent = 0.875,
        Upsampling upsampling = Upsampling.Linear,
        Interpolation interpolation = Interpolation.Area,
        CropMode mode = CropMode.Center)
    {
        var window = CropWindow(input.Width, input.Height, side, cropPercent, mode);
        var (width, height, left, top) = (window.FullWidth, window.FullHeight, window.Left, window.Top);
        var output = Pixels.Rent(input.Sample, side, side, input.Channels);
        if ((width, height) != (input.Width, input.Height) && Under(input, output, window, upsampling, interpolation))
        {
            return output;
        }

        using var resized = (width, height) == (input.Width, input.Height) ? null : Stretch(input, (int)width, (int)height, upsampling, interpolation);
        var (whole, row) = (resized ?? input, side * input.Channels);
        for (var y = 0; y < side; y++)
        {
            whole.Bytes.Slice((int)((((top + y) * width) + left) * input.Channels), row).CopyTo(output.Bytes[(y * row)..]);
        }

        return output;
    }

    // Returns false where OpenCV resizes the whole image, whose bytes depend on its size.
    private static bool Under(Pixels input, Pixels output, ResizeWindow window, Upsampling upsampling, Interpolation interpolation)
    {
        var stride = output.Width * output.Channels;
        if (interpolation != Interpolation.Area)
        {
            Filter(input, output.Bytes, stride, window, interpolation);
            return true;
        }

        if (window.FullWidth <= input.Width && window.FullHeight <= input.Height)
        {
            return Average(input, output.Bytes, stride, window);
        }

        // Both sides grow, or one of a squashed image, which is square.
        if ((double)window.FullWidth * window.FullHeight <= LargestWhole * output.Width * output.Height)
        {
            return false;
        }

        Enlargement.Run(PixelSpan.From(input), output.Bytes, window, upsampling == Upsampling.Cubic);
        return true;
    }
}
