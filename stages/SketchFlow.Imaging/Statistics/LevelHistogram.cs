namespace SketchFlow.Imaging.Statistics;

/// <summary>Number of pixels of each grey level of an image.</summary>
internal sealed class LevelHistogram
{
    private readonly long[] _counts;

    private LevelHistogram(long[] counts)
    {
        _counts = counts;
        long pixels = 0, sum = 0, squares = 0;
        for (var level = 0; level < counts.Length; level++)
        {
            pixels += counts[level];
            sum += level * counts[level];
            squares += level * level * counts[level];
        }

        (Pixels, Sum) = (pixels, sum);
        Mean = (double)sum / pixels;
        // Whole numbers, so that equal levels have a deviation of exactly 0.
        Deviation = Math.Sqrt((double)(((Int128)pixels * squares) - ((Int128)sum * sum))) / pixels;
    }

    /// <summary>Mean level, 0 to 255.</summary>
    public double Mean { get; }

    /// <summary>Standard deviation of the levels, 0 to 127.5.</summary>
    public double Deviation { get; }

    private long Pixels { get; }

    private long Sum { get; }

    /// <summary>Counts the levels.</summary>
    /// <param name="levels">At least one level.</param>
    public static LevelHistogram Count(ReadOnlySpan<byte> levels)
    {
        // Two tables, since consecutive pixels are mostly equal and would wait for each other's sum.
        var (even, odd) = (new long[256], new long[256]);
        var i = 0;
        for (; i + 1 < levels.Length; i += 2)
        {
            even[levels[i]]++;
            odd[levels[i + 1]]++;
        }

        if (i < levels.Length)
        {
            even[levels[i]]++;
        }

        for (var level = 0; level < even.Length; level++)
        {
            even[level] += odd[level];
        }

        return new LevelHistogram(even);
    }

    /// <summary>
    /// Finds Otsu's threshold (IEEE Transactions on Systems, Man, and Cybernetics 9, 1979): the one with the largest variance between both sides.
    /// </summary>
    /// <returns>
    /// The largest level of the dark side, in the middle of all that separate the pixels equally well, and the difference of the mean levels of both sides; 0
    /// where all levels are equal.
    /// </returns>
    public (int Threshold, double Difference) Separate()
    {
        var (first, last, best, difference) = (0, 0, 0.0, 0.0);
        long below = 0, sum = 0;
        for (var level = 0; level < 255; level++)
        {
            below += _counts[level];
            sum += level * _counts[level];
            var above = Pixels - below;
            if (below == 0 || above == 0)
            {
                continue;
            }

            var gap = ((double)(Sum - sum) / above) - ((double)sum / below);
            var variance = gap * gap * below * above;
            if (variance > best)
            {
                (first, last, best, difference) = (level, level, variance, gap);
            }
            else if (variance == best && _counts[level] == 0)
            {
                last = level;
            }
        }

        return ((first + last) / 2, difference);
    }
}
