using OpenCvSharp;
using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Resizing;

public static partial class PadResize
{
    /// <summary>Scales the longest side to <paramref name="side"/> and centres the image on a square of paper; nothing is cropped.</summary>
    /// <remarks>
    /// Sizes and positions are those of albumentations' LongestMaxSize (Python's rounding, half to even) and PadIfNeeded (an odd pixel of padding goes
    /// to the right and the bottom).
    /// </remarks>
    /// <param name="input">Any size; not changed.</param>
    /// <param name="side">Width and height of the result, pixels.</param>
    /// <param name="fill">Level of the padding.</param>
    /// <param name="upsampling">Interpolation for images smaller than <paramref name="side"/>.</param>
    /// <param name="interpolation">Interpolation, or area averages where the image shrinks.</param>
    public static Pixels Letterbox(
        Pixels input, int side, byte fill = 255, Upsampling upsampling = Upsampling.Linear, Interpolation interpolation = Interpolation.Area)
    {
        var place = LetterboxPosition(input.Width, input.Height, side);
        var output = Pixels.Rent(input.Sample, side, side, input.Channels);
        if (place.Width < side || place.Height < side)
        {
            output.Bytes.Fill(fill);
        }

        Resample(input, output, place, upsampling, interpolation);
        return output;
    }

    /// <summary>Computes the position and size of the resized image in the square.</summary>
    internal static Rect LetterboxPosition(int width, int height, int side)
    {
        var scale = (double)side / Math.Max(width, height);
        var w = Math.Clamp((int)Math.Round(width * scale, MidpointRounding.ToEven), 1, side);
        var h = Math.Clamp((int)Math.Round(height * scale, MidpointRounding.ToEven), 1, side);
        return new Rect((side - w) / 2, (side - h) / 2, w, h);
    }
}
