using System.Numerics;
using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Duplicates;

/// <summary>
/// The strokes of an image at 128 × 128 pixels and a map of the distances to them, by which copies with inverted levels or another width of the strokes are
/// recognised. It takes 3 KB of memory.
/// </summary>
public sealed class StrokeFingerprint
{
    // Thicker strokes reach at most this far beyond the thinner ones, in pixels of the resized image.
    private const int ThickerBy = 3;

    private const int RowWords = StrokeMap.Side / 64;

    // 64 pixels of a row in each element, 1 for ink.
    private readonly ulong[] _ink;

    private StrokeFingerprint(ImageFingerprint map, ulong[] ink) => (Map, _ink) = (map, ink);

    /// <summary>Whether the image has no strokes.</summary>
    public bool IsBlank => Map.IsConstant;

    /// <summary>Levels of the map, 32 rows of 32; 0 is ink, and 255 is far from it.</summary>
    public ReadOnlySpan<byte> Levels => Map.Levels;

    /// <summary>The map as a thumbnail.</summary>
    internal ImageFingerprint Map { get; }

    /// <summary>Computes the fingerprint of an image.</summary>
    /// <param name="image">Pixels of any size with 1 or 3 channels.</param>
    public static StrokeFingerprint Compute(Pixels image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var ink = StrokeMap.FindInk(image);
        var bits = new ulong[StrokeMap.Side * RowWords];
        for (var i = 0; i < ink.Length; i++)
        {
            bits[i >> 6] |= (ulong)ink[i] << (i & 63);
        }

        return new StrokeFingerprint(ImageFingerprint.FromLevels(StrokeMap.Compute(ink)), bits);
    }

    /// <summary>Returns the fingerprint of the mirrored image.</summary>
    public StrokeFingerprint Mirror()
    {
        var mirrored = new ulong[_ink.Length];
        for (var i = 0; i < _ink.Length; i++)
        {
            var word = _ink[(i / RowWords * RowWords) + RowWords - 1 - (i % RowWords)];
            for (var bit = 0; bit < 64; bit++)
            {
                mirrored[i] |= (word >> bit & 1) << (63 - bit);
            }
        }

        return new StrokeFingerprint(Map.Mirror(), mirrored);
    }

    /// <summary>Computes the Pearson correlation of two maps.</summary>
    /// <returns>A number from -1 to 1; 0 where an image is blank.</returns>
    public double CorrelationWith(StrokeFingerprint other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Map.CorrelationWith(other.Map);
    }

    /// <summary>Computes the share of the strokes that two images have in common, where those of one may be thicker.</summary>
    /// <returns>
    /// The smaller of two shares, 0 to 1: of the thinner strokes within 1 pixel of the thicker ones, and of the thicker within 3 pixels of the thinner ones.
    /// </returns>
    public double OverlapWith(StrokeFingerprint other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var (thin, thick) = Count(_ink) <= Count(other._ink) ? (_ink, other._ink) : (other._ink, _ink);
        return Math.Min(ShareWithin(thin, thick, 1), ShareWithin(thick, thin, ThickerBy));
    }

    private static double ShareWithin(ulong[] ink, ulong[] other, int pixels)
    {
        for (var i = 0; i < pixels; i++)
        {
            other = Dilate(other);
        }

        long all = Count(ink), within = 0;
        for (var i = 0; i < ink.Length; i++)
        {
            within += BitOperations.PopCount(ink[i] & other[i]);
        }

        return all == 0 ? 0 : (double)within / all;
    }

    // By one pixel in all eight directions.
    private static ulong[] Dilate(ulong[] ink)
    {
        var rows = new ulong[ink.Length];
        for (var y = 0; y < ink.Length; y += RowWords)
        {
            var (left, right) = (ink[y], ink[y + 1]);
            rows[y] = left | (left << 1) | (left >> 1) | (right << 63);
            rows[y + 1] = right | (right << 1) | (right >> 1) | (left >> 63);
        }

        var dilated = new ulong[ink.Length];
        for (var i = 0; i < ink.Length; i++)
        {
            dilated[i] = rows[i] | (i >= RowWords ? rows[i - RowWords] : 0) | (i + RowWords < ink.Length ? rows[i + RowWords] : 0);
        }

        return dilated;
    }

    private static long Count(ulong[] ink)
    {
        var count = 0L;
        foreach (var word in ink)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }
}
