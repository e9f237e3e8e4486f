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
/// Decoded, resized images kept in memory from one epoch to the next, so that files are read and decoded once a run: what augmentation
/// begins with depends on the file and on nothing that an epoch draws.
/// </summary>
/// <remarks>
/// The bytes are those that decoding gives, so that a run is the same with a cache of any size. What finds no room is decoded each time; nothing is
/// put out for it, since every image comes once an epoch and the order is drawn anew: whatever is put out would be wanted as soon as what came in.
/// Files are taken not to change while a process trains on them. Rejected images are not kept; they are found bad each time.
/// </remarks>
/// <param name="limit">Bytes of pixels at most; 0 keeps none.</param>
public sealed class ImageCache(long limit)
{
    private readonly ConcurrentDictionary<Key, Held> _images = new();
    private long _bytes;

    /// <summary>A cache of the size that a recipe asks for, or of a quarter of the memory that this process may use.</summary>
    /// <param name="megabytes">Mebibytes (2^20 bytes); null is the quarter, 0 none.</param>
    public static ImageCache Create(double? megabytes) =>
        new(megabytes is { } size ? (long)(size * (1 << 20)) : SystemMemory.LimitBytes / 4);

    /// <summary>Images kept.</summary>
    public int Count => _images.Count;

    /// <summary>Bytes of their pixels.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The image of <paramref name="sample"/> at its one size: from memory, or decoded and resized, and kept where there is room. Safe from any thread.</summary>
    /// <param name="decode">How files are decoded; another value is another image.</param>
    /// <param name="preparation">How they are resized; another value is another image.</param>
    /// <param name="sample">The row.</param>
    /// <returns>Pixels, which the caller owns; or why there are none.</returns>
    public Outcome<Pixels> Prepare(DecodeOptions decode, PadResizeOptions preparation, Sample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var key = new Key(decode, preparation, sample.File, sample.Section?.Offset ?? -1);
        if (sample.Fault is null && _images.TryGetValue(key, out var held))
        {
            return Outcome<Pixels>.From(Pixels.From(sample, held.Width, held.Height, held.Channels, held.Bytes));
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

    /// <summary>Forgets all images: where they are wanted at another size from now on.</summary>
    public void Clear()
    {
        foreach (var key in _images.Keys)
        {
            if (_images.TryRemove(key, out var held))
            {
                Interlocked.Add(ref _bytes, -held.Bytes.Length);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Count} decoded images are kept in memory, {Bytes / 1048576.0:0} MB of at most {limit / 1048576.0:0} MB");

    private void Keep(Key key, Pixels pixels)
    {
        if (Interlocked.Add(ref _bytes, pixels.Length) > limit || !Add())
        {
            Interlocked.Add(ref _bytes, -pixels.Length);
        }

        bool Add()
        {
            // Pinned arrays are made where they stay; others would be copied through the generations.
            var bytes = GC.AllocateUninitializedArray<byte>(pixels.Length, pinned: true);
            pixels.Bytes.CopyTo(bytes);
            return _images.TryAdd(key, new Held(pixels.Width, pixels.Height, pixels.Channels, bytes));
        }
    }

    private readonly record struct Key(DecodeOptions Decode, PadResizeOptions Preparation, string File, long Offset);

    private sealed record Held(int Width, int Height, int Channels, byte[] Bytes);
}
