using System.Buffers;
using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    // Fainter lines than Otsu's threshold finds are lines too: what a dilation would brighten by this many levels is kept.
    private const int FaintInk = 24;

    /// <summary>Brightens <paramref name="pixels"/> pixels on each side of dark lines, down to their skeleton.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="pixels">Pixels on each side, 0 or more; a part of a pixel mixes the whole numbers about it.</param>
    /// <param name="keepSkeleton">False dilates whatever becomes of thin lines.</param>
    /// <returns>Between the input and its dilation, level by level; the pixels that stay keep their levels.</returns>
    public static Pixels Thin(Pixels input, double pixels, bool keepSkeleton = true) =>
        Mix(input, pixels, whole => ThinWhole(input, whole, keepSkeleton));

    private static Pixels ThinWhole(Pixels input, int pixels, bool keepSkeleton)
    {
        var side = (2 * pixels) + 1;
        var output = Dilate(input, side, side);
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

    /// <summary>Darkens <paramref name="pixels"/> pixels on each side of dark lines, but not the middle of the paper between two: thinning of the negative.</summary>
    /// <inheritdoc cref="Thin" path="/param"/>
    /// <returns>Between the input and its erosion, level by level.</returns>
    public static Pixels Thicken(Pixels input, double pixels, bool keepSkeleton = true) =>
        Mix(input, pixels, whole => ThickenWhole(input, whole, keepSkeleton));

    private static Pixels ThickenWhole(Pixels input, int pixels, bool keepSkeleton)
    {
        if (!keepSkeleton)
        {
            return Erode(input, (2 * pixels) + 1, (2 * pixels) + 1);
        }

        using var negative = Map(input, Negative);
        using var thin = ThinWhole(negative, pixels, keepSkeleton: true);
        return Map(thin, Negative);
    }

    // Between two whole pens lie their mixtures: a pixel that the pen covers in part is grey in part.
    private static Pixels Mix(Pixels input, double pixels, Func<int, Pixels> draw)
    {
        var whole = (int)pixels;
        var part = pixels - whole;
        var low = whole > 0 ? draw(whole) : input.Clone();
        if (part > 0)
        {
            using var high = draw(whole + 1);
            using var target = MatView.Over(low);
            using var source = MatView.Over(high);
            Cv2.AddWeighted(target.Mat, 1 - part, source.Mat, part, 0, target.Mat);
        }

        return low;
    }

    private static readonly byte[] Negative = Table(v => 255 - v);

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
