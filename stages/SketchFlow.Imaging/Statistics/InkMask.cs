using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Statistics;

/// <summary>The pixels of an image that are ink: those on the other side of Otsu's threshold than the paper.</summary>
/// <remarks>
/// The paper is the side with most pixels in the margin, a sixteenth of the shorter side wide, so that a drawing in white on black has the same ink as its
/// negative. An image is blank if the mean levels of the two sides differ by less than 16, as on an empty sheet whose levels are noise of the compression.
/// </remarks>
internal sealed class InkMask
{
    private const int LeastDifference = 16;

    private readonly byte[] _ink;

    private InkMask(byte[] ink, int width, int height, int count, bool isDarkPaper) =>
        (_ink, Width, Height, Count, IsDarkPaper) = (ink, width, height, count, isDarkPaper);

    /// <summary>Number of columns.</summary>
    public int Width { get; }

    /// <summary>Number of rows.</summary>
    public int Height { get; }

    /// <summary>Number of pixels that are ink; 0 for a blank image.</summary>
    public int Count { get; }

    /// <summary>Whether the paper is darker than the ink; of a blank image, whether it is darker than middle grey.</summary>
    public bool IsDarkPaper { get; }

    /// <summary>Rows of pixels, 1 for ink and 0 for paper.</summary>
    public ReadOnlySpan<byte> Ink => _ink;

    /// <summary>Separates ink and paper.</summary>
    /// <param name="image">Pixels of any size with 1 or 3 channels.</param>
    public static InkMask Create(Pixels image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var levels = Luma.Of(image);
        return Create(levels, image.Width, image.Height, LevelHistogram.Count(levels));
    }

    /// <summary>Separates ink and paper.</summary>
    /// <param name="levels">Grey levels, row by row.</param>
    /// <param name="width">Number of columns.</param>
    /// <param name="height">Number of rows.</param>
    /// <param name="histogram">Number of pixels of each level.</param>
    public static InkMask Create(ReadOnlySpan<byte> levels, int width, int height, LevelHistogram histogram)
    {
        var ink = new byte[levels.Length];
        var (threshold, difference) = histogram.Separate();
        if (difference < LeastDifference)
        {
            return new InkMask(ink, width, height, 0, histogram.Mean < 127.5);
        }

        var dark = 0;
        for (var i = 0; i < ink.Length; i++)
        {
            ink[i] = levels[i] <= threshold ? (byte)1 : (byte)0;
            dark += ink[i];
        }

        var isDarkPaper = IsMarginDark(ink, width, height);
        if (isDarkPaper)
        {
            foreach (ref var value in ink.AsSpan())
            {
                value ^= 1;
            }
        }

        return new InkMask(ink, width, height, isDarkPaper ? ink.Length - dark : dark, isDarkPaper);
    }

    private static bool IsMarginDark(ReadOnlySpan<byte> dark, int width, int height)
    {
        var margin = Math.Max(1, Math.Min(width, height) / 16);
        long darkPixels = 0, pixels = 0;
        for (var y = 0; y < height; y++)
        {
            var row = dark.Slice(y * width, width);
            if (y < margin || y >= height - margin)
            {
                darkPixels += Sum(row);
                pixels += width;
            }
            else
            {
                var side = Math.Min(margin, width / 2);
                darkPixels += Sum(row[..side]) + Sum(row[^side..]);
                pixels += 2 * side;
            }
        }

        return 2 * darkPixels > pixels;
    }

    private static int Sum(ReadOnlySpan<byte> values)
    {
        var sum = 0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum;
    }
}
