using System.Collections.Concurrent;
using System.Globalization;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Pipeline.Loading;

/// <summary>
/// Keeps decoded, resized images in memory across epochs, so that each file is read and decoded once per run. These images do not depend on the random
/// numbers of an epoch: augmentation starts from them.
/// </summary>
/// <remarks>
/// The bytes are those of decoding, so that the result of a run does not depend on the size of the cache. When the cache is full, further images are decoded
/// each time, and none are evicted: every image is needed once per epoch in a new random order, so an evicted image is needed as soon as the one that
/// replaced it. Files must not change while a process trains on them. Rejected images are not cached; they are decoded and rejected each time.
/// </remarks>
/// <param name="limit">Maximum bytes of pixels; 0 disables the cache.</param>
public sealed class ImageCache(long limit)
{
    private readonly ConcurrentDictionary<Key, CachedImage> _images = new();
    private long _bytes;

    /// <summary>Creates a cache of the size in a recipe, or of a quarter of the memory available to this process.</summary>
    /// <param name="megabytes">Size in mebibytes (2^20 bytes); null for a quarter of the memory, 0 for none.</param>
    public static ImageCache Create(double? megabytes) =>
        new(megabytes is { } size ? (long)(size * (1 << 20)) : SystemMemory.LimitBytes / 4);

    /// <summary>Number of cached images.</summary>
    public int Count => _images.Count;

    /// <summary>Bytes of their pixels.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Gets a decoded, resized image from the cache, or decodes it and caches it if there is space. Thread-safe.</summary>
    /// <param name="decode">Options of decoding; images with other options are cached separately.</param>
    /// <param name="preparation">Options of resizing; images with other options are cached separately.</param>
    /// <param name="sample">The image.</param>
    /// <returns>Pixels, which the caller owns, or the reason of rejection.</returns>
    public Outcome<Pixels> Prepare(DecodeOptions decode, PadResizeOptions preparation, Sample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var key = new Key(decode, preparation, sample.File, sample.Section?.Offset ?? -1);
        if (sample.Fault is null && _images.TryGetValue(key, out var cached))
        {
            return Outcome<Pixels>.From(Pixels.From(sample, cached.Width, cached.Height, cached.Channels, cached.Bytes));
        }

        var decoded = ImageDecoder.Read(decode, sample);
        if (decoded.Rejection is not null)
        {
            return decoded;
        }

        using var whole = decoded.Value;
        var pixels = PadResize.Run(preparation, whole);
        Keep(key, pixels);
        return Outcome<Pixels>.From(pixels);
    }

    /// <summary>Removes all images, for example when another size is needed.</summary>
    public void Clear()
    {
        foreach (var key in _images.Keys)
        {
            if (_images.TryRemove(key, out var cached))
            {
                Interlocked.Add(ref _bytes, -cached.Bytes.Length);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Count:N0} decoded images cached in memory: {Bytes / 1e6:N1} of at most {limit / 1e6:N0} MB");

    private void Keep(Key key, Pixels pixels)
    {
        if (Interlocked.Add(ref _bytes, pixels.Length) > limit || !Add())
        {
            Interlocked.Add(ref _bytes, -pixels.Length);
        }

        bool Add()
        {
            // Pinned arrays are allocated in their final place; others would be copied through the garbage collector's generations.
            var bytes = GC.AllocateUninitializedArray<byte>(pixels.Length, pinned: true);
            pixels.Bytes.CopyTo(bytes);
            return _images.TryAdd(key, new CachedImage(pixels.Width, pixels.Height, pixels.Channels, bytes));
        }
    }

    private readonly record struct Key(DecodeOptions Decode, PadResizeOptions Preparation, string File, long Offset);

    private sealed record CachedImage(int Width, int Height, int Channels, byte[] Bytes);
}
