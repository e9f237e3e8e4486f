using System.Collections.Concurrent;
using SketchFlow.Data.Datasets;

namespace SketchFlow.Imaging.Decoding;

/// <summary>The memory of colour JPEGs whose pixels were all grey.</summary>
/// <remarks>
/// Exact: where blue, green and red are equal in every pixel they equal the luma. With Cr above 128 red exceeds Y, and green
/// can only follow when Cb is below, which takes blue the other way (and the same mirrored); only clipping at 0 and 255 lets a small Cb
/// pass unseen, and there the common value is Y again. The scale is part of the key because chroma is averaged with it.
/// </remarks>
public static partial class ImageDecoder
{
    // About 200 MB when full; far above any data set this program is for.
    private const int MostRemembered = 1 << 20;

    private static readonly ConcurrentDictionary<string, GreyscaleCacheKey> Remembered = new(StringComparer.Ordinal);

    /// <summary>True when the file will be decoded straight to one channel, for tests.</summary>
    internal static bool IsKnownGrey(string file, GreyscaleCacheKey mark) => Remembered.TryGetValue(file, out var seen) && seen == mark;

    // A shard's pack holds many images: the place is part of the name.
    private static string KeyOf(Sample sample) => sample.Section is { } section ? $"{sample.File}@{section.Offset}" : sample.File;

    private static void Remember(string file, GreyscaleCacheKey mark)
    {
        // One scale a file is enough: a run uses one. Counting a concurrent dictionary locks it, but only colour files that turn out grey get here, once each.
        if (Remembered.Count < MostRemembered)
        {
            Remembered[file] = mark;
        }
    }
}
