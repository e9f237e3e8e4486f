using System.Collections.Concurrent;
using SketchFlow.Data.Datasets;

namespace SketchFlow.Imaging.Decoding;

/// <summary>The cache of colour JPEGs whose pixels were all grey.</summary>
/// <remarks>
/// The shortcut is exact: where blue, green and red are equal in every pixel, they equal the luma. With Cr above 128, red exceeds Y; green can
/// exceed Y too only if Cb is below 128, but then blue is less than Y (and the reverse for Cr below 128). Only clipping at 0 and 255 can hide a
/// small Cb, and there the common value is Y as well. The scale is part of the key because reduced decoding averages chroma.
/// </remarks>
public static partial class ImageDecoder
{
    // About 200 MB when full; far above the data sets this program is made for.
    private const int Capacity = 1 << 20;

    private static readonly ConcurrentDictionary<string, GreyscaleCacheKey> Remembered = new(StringComparer.Ordinal);

    /// <summary>Whether the file will be decoded directly to one channel; internal for tests.</summary>
    internal static bool IsKnownGrey(string file, GreyscaleCacheKey cacheKey) => Remembered.TryGetValue(file, out var seen) && seen == cacheKey;

    // A packed shard holds many images, so the offset is part of the key.
    private static string KeyOf(Sample sample) => sample.Section is { } section ? $"{sample.File}@{section.Offset}" : sample.File;

    private static void Remember(string file, GreyscaleCacheKey cacheKey)
    {
        // One entry per file suffices, since a run uses one scale. Count locks the dictionary, but each grey colour file gets here only once.
        if (Remembered.Count < Capacity)
        {
            Remembered[file] = cacheKey;
        }
    }
}
