using System.Numerics;
using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Statistics;

/// <summary>Numbers that describe an image as a drawing: size, levels, colour, ink and width of the strokes.</summary>
public sealed record ImageMeasures
{
    /// <summary>Number of columns.</summary>
    public required int Width { get; init; }

    /// <summary>Number of rows.</summary>
    public required int Height { get; init; }

    /// <summary>Mean grey level (ITU-R BT.601) / 255: 0 is black, 1 is white.</summary>
    public required double Brightness { get; init; }

    /// <summary>Standard deviation of the grey levels / 255, from 0 to 0.5.</summary>
    public required double Contrast { get; init; }

    /// <summary>Mean difference of the largest and the smallest channel / 255: 0 is grey, 1 is pure colour.</summary>
    public required double Colour { get; init; }

    /// <summary>Share of the pixels that are ink, 0 to 1: those on the other side of Otsu's threshold than the paper; 0 for a blank image.</summary>
    /// <remarks>
    /// The paper is the side with most pixels in the margin (a sixteenth of the shorter side), so that a drawing and its negative have equal shares. Images
    /// whose two sides differ by less than 16 levels are blank.
    /// </remarks>
    public required double InkShare { get; init; }

    /// <summary>Mean width of the strokes in pixels: twice the area of the ink divided by the length of its edge; 0 for a blank image.</summary>
    /// <remarks>
    /// A stroke of length L and width w has an area of L·w and an edge of about 2·L. The length of the edge is estimated by Cauchy and Crofton's formula
    /// over four directions, which is right within 5 % for every direction. Filled areas count as wide strokes.
    /// </remarks>
    public required double StrokeWidth { get; init; }

    /// <summary>Whether the ink is lighter than the paper, as in a negative.</summary>
    public required bool IsDarkPaper { get; init; }

    /// <summary>Width divided by height.</summary>
    public double Aspect => (double)Width / Height;

    /// <summary>Measures an image.</summary>
    /// <param name="image">Pixels of any size with 1 or 3 channels; not changed.</param>
    public static ImageMeasures Measure(Pixels image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var levels = Luma.Of(image);
        var histogram = LevelHistogram.Count(levels);
        var mask = InkMask.Create(levels, image.Width, image.Height, histogram);
        return new ImageMeasures
        {
            Width = image.Width,
            Height = image.Height,
            Brightness = histogram.Mean / 255,
            Contrast = histogram.Deviation / 255,
            Colour = MeanChroma(image),
            InkShare = (double)mask.Count / levels.Length,
            StrokeWidth = mask.Count == 0 ? 0 : 2 * mask.Count / EdgeLength(mask),
            IsDarkPaper = mask.IsDarkPaper,
        };
    }

    private static double MeanChroma(Pixels image)
    {
        if (image.Channels == 1)
        {
            return 0;
        }

        var bytes = image.Bytes;
        var sum = 0L;
        for (var i = 0; i < bytes.Length; i += 3)
        {
            var (b, g, r) = (bytes[i], bytes[i + 1], bytes[i + 2]);
            sum += Math.Max(b, Math.Max(g, r)) - Math.Min(b, Math.Min(g, r));
        }

        return sum / (255.0 * (bytes.Length / 3));
    }

    // Lines of pixels are 1 apart in rows and columns and 1/√2 apart in the diagonals. A line meets the edge where two neighbours differ.
    private static double EdgeLength(InkMask mask)
    {
        var ink = mask.Ink;
        var width = mask.Width;
        long straight = 0, diagonal = 0;
        for (var y = 0; y < mask.Height; y++)
        {
            var row = ink.Slice(y * width, width);
            straight += CountDifferences(row[..^1], row[1..]);
            if (y + 1 < mask.Height)
            {
                var next = ink.Slice((y + 1) * width, width);
                straight += CountDifferences(row, next);
                diagonal += CountDifferences(row[..^1], next[1..]) + CountDifferences(row[1..], next[..^1]);
            }
        }

        return Math.PI / 8 * (straight + (diagonal / Math.Sqrt(2)));
    }

    private static long CountDifferences(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var (count, i) = (0L, 0);
        while (a.Length - i >= Vector<byte>.Count)
        {
            // A lane of 8 bits counts at most 255 differences.
            var lanes = Vector<byte>.Zero;
            for (var step = 0; step < 255 && a.Length - i >= Vector<byte>.Count; step++, i += Vector<byte>.Count)
            {
                lanes += new Vector<byte>(a[i..]) ^ new Vector<byte>(b[i..]);
            }

            Vector.Widen(lanes, out var low, out var high);
            count += Vector.Sum(low + high);
        }

        for (; i < a.Length; i++)
        {
            count += a[i] ^ b[i];
        }

        return count;
    }
}
