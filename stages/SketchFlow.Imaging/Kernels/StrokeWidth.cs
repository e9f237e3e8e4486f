using System.Buffers;
using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Makes dark lines thinner or thicker without breaking, erasing or joining them.</summary>
public static class StrokeWidth
{
    // Lines fainter than Otsu's threshold are lines too: pixels that a dilation would brighten by this many levels or more count as ink.
    private const int FaintInk = 24;

    private static readonly byte[] Negative = LookupTables.Invert();

    /// <summary>Brightens <paramref name="pixels"/> pixels on each side of dark lines, down to their skeleton.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="pixels">Pixels on each side, 0 or more; a fraction interpolates between the two nearest whole numbers.</param>
    /// <param name="keepSkeleton">False dilates, which erases thin lines.</param>
    /// <returns>Levels between the input's and those of its dilation; pixels of the skeleton keep their levels.</returns>
    public static Pixels Thin(Pixels input, double pixels, bool keepSkeleton = true) =>
        Interpolate(input, pixels, whole => ThinWhole(input, whole, keepSkeleton));

    /// <summary>
    /// Darkens <paramref name="pixels"/> pixels on each side of dark lines, except the middle of the paper between two lines: thins the negative.
    /// </summary>
    /// <inheritdoc cref="Thin" path="/param"/>
    /// <returns>Levels between the input's and those of its erosion.</returns>
    public static Pixels Thicken(Pixels input, double pixels, bool keepSkeleton = true) =>
        Interpolate(input, pixels, whole => ThickenWhole(input, whole, keepSkeleton));

    private static Pixels ThinWhole(Pixels input, int pixels, bool keepSkeleton)
    {
        var side = (2 * pixels) + 1;
        var output = MorphologicalFilters.Dilate(input, side, side);
        if (!keepSkeleton)
        {
            return output;
        }

        var count = input.Width * input.Height;
        var ink = ArrayPool<byte>.Shared.Rent(count);
        try
        {
            MarkInk(input, side, ink.AsSpan(0, count));
            Skeleton.Peel(ink.AsSpan(0, count), input.Width, input.Height, pixels);
            var from = input.Bytes;
            var to = output.Bytes;
            var channels = input.Channels;
            for (var i = 0; i < count; i++)
            {
                if (ink[i] != 0)
                {
                    from.Slice(i * channels, channels).CopyTo(to[(i * channels)..]);
                }
            }

            return output;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(ink);
        }
    }

    private static Pixels ThickenWhole(Pixels input, int pixels, bool keepSkeleton)
    {
        if (!keepSkeleton)
        {
            return MorphologicalFilters.Erode(input, (2 * pixels) + 1, (2 * pixels) + 1);
        }

        using var negative = LookupTables.Apply(input, Negative);
        using var thin = ThinWhole(negative, pixels, keepSkeleton: true);
        return LookupTables.Apply(thin, Negative);
    }

    // A fraction of a pixel blends the results of the two nearest whole numbers: a partly covered pixel is partly grey.
    private static Pixels Interpolate(Pixels input, double pixels, Func<int, Pixels> apply)
    {
        var whole = (int)pixels;
        var part = pixels - whole;
        var low = whole > 0 ? apply(whole) : input.Clone();
        if (part > 0)
        {
            using var high = apply(whole + 1);
            using var target = MatView.Over(low);
            using var source = MatView.Over(high);
            Cv2.AddWeighted(target.Mat, 1 - part, source.Mat, part, 0, target.Mat);
        }

        return low;
    }

    private static unsafe void MarkInk(Pixels input, int side, Span<byte> ink)
    {
        using var view = MatView.Over(input);
        using var luma = new Mat();
        if (input.Channels == 1)
        {
            view.Mat.CopyTo(luma);
        }
        else
        {
            Cv2.CvtColor(view.Mat, luma, ColorConversionCodes.BGR2GRAY);
        }

        using var dark = new Mat();
        Cv2.Threshold(luma, dark, 0, 1, ThresholdTypes.BinaryInv | ThresholdTypes.Otsu);
        using var kernel = Cv2.GetStructuringElement(MorphShapes.Rect, new Size(side, side));
        using var lost = new Mat();
        Cv2.MorphologyEx(luma, lost, MorphTypes.BlackHat, kernel);
        var darker = new ReadOnlySpan<byte>((void*)dark.Data, ink.Length);
        var loss = new ReadOnlySpan<byte>((void*)lost.Data, ink.Length);
        for (var i = 0; i < ink.Length; i++)
        {
            ink[i] = (byte)(darker[i] != 0 || loss[i] >= FaintInk ? 1 : 0);
        }
    }
}
