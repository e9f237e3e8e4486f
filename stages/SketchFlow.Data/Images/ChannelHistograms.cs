using System.Collections.Immutable;

namespace SketchFlow.Data.Images;

/// <summary>Histograms of the pixel levels per channel, from which mean and standard deviation follow exactly, for any number of pixels.</summary>
/// <remarks>Not thread-safe. Sums over 256 counts lose no precision: the results agree with two-pass formulas to the last digits of a double.</remarks>
public sealed class ChannelHistograms
{
    private readonly long[][] _counts = [new long[256], new long[256], new long[256]];

    /// <summary>Number of images counted.</summary>
    public long Images { get; private set; }

    /// <summary>Number of pixels counted.</summary>
    public long PixelCount => _counts[0].Sum();

    /// <summary>Counts the pixels of one image; grey pixels count in all three channels.</summary>
    public void Add(Pixels image)
    {
        ArgumentNullException.ThrowIfNull(image);
        Images++;
        var bytes = image.Bytes;
        if (image.Channels == 1)
        {
            // Four tables: paper repeats one level, and incrementing a counter that was just written stalls the CPU.
            Span<int> own = stackalloc int[4 * 256];
            own.Clear();
            for (var i = 0; i < bytes.Length; i++)
            {
                own[((i & 3) << 8) | bytes[i]]++;
            }

            for (var level = 0; level < 256; level++)
            {
                var count = (long)own[level] + own[256 + level] + own[512 + level] + own[768 + level];
                for (var channel = 0; channel < 3; channel++)
                {
                    _counts[channel][level] += count;
                }
            }

            return;
        }

        // Pixels store blue, green, red; results are red, green, blue.
        var (red, green, blue) = (_counts[0], _counts[1], _counts[2]);
        for (var i = 0; i + 2 < bytes.Length; i += 3)
        {
            blue[bytes[i]]++;
            green[bytes[i + 1]]++;
            red[bytes[i + 2]]++;
        }
    }

    /// <summary>Mean of the levels / 255 in [0, 1]: red, green, blue.</summary>
    /// <exception cref="InvalidOperationException">No image was counted.</exception>
    public ImmutableArray<double> Mean => [.. _counts.Select(MeanOf)];

    /// <summary>Standard deviation over all pixels (divided by their number) of the levels / 255: red, green, blue.</summary>
    /// <exception cref="InvalidOperationException">No image was counted.</exception>
    public ImmutableArray<double> Std => [.. _counts.Select(counts =>
    {
        var mean = MeanOf(counts);
        return Math.Sqrt(counts.Select((count, level) => count * Math.Pow((level / 255.0) - mean, 2)).Sum() / counts.Sum());
    })];

    private static double MeanOf(long[] counts)
    {
        var total = counts.Sum();
        return total == 0
            ? throw new InvalidOperationException("No pixel was counted, so there is no mean.")
            : counts.Select((count, level) => (double)count * level).Sum() / (255.0 * total);
    }
}
