using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Resizing;

public static partial class PadResize
{
    /// <summary>Scales the shorter side to floor(<paramref name="side"/> / <paramref name="cropPercent"/>) and keeps the central square.</summary>
    /// <remarks>Sizes and positions are those of timm's transforms_imagenet_eval (torchvision's Resize and CenterCrop, rounded half to even).</remarks>
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
        var shorter = (int)Math.Floor(side / cropPercent);
        var (width, height) = mode == CropMode.Squash ? (shorter, shorter)
            : input.Width <= input.Height
            ? (shorter, (int)((long)shorter * input.Height / input.Width))
            : ((int)((long)shorter * input.Width / input.Height), shorter);
        using var resized = Stretch(input, width, height, upsampling, interpolation);
        var left = (int)Math.Round((width - side) / 2.0, MidpointRounding.ToEven);
        var top = (int)Math.Round((height - side) / 2.0, MidpointRounding.ToEven);
        var output = Pixels.Rent(input.Sample, side, side, input.Channels);
        var row = side * input.Channels;
        for (var y = 0; y < side; y++)
        {
            resized.Bytes.Slice((((top + y) * width) + left) * input.Channels, row).CopyTo(output.Bytes[(y * row)..]);
        }

        return output;
    }
}
