using System.Buffers;
using System.Collections.Immutable;
using SketchFlow.Data.Datasets;

namespace SketchFlow.Data.Images;

/// <summary>
/// Images of one size in one pooled buffer: uint8, (N, H, W, C). C is 1 where every image is grey, else 3
/// (blue, green, red); expansion and normalisation happen on the device.
/// </summary>
public sealed class PixelBatch : IDisposable
{
    private byte[]? _buffer;

    private PixelBatch(ImmutableArray<Sample> samples, int height, int width, int channels)
    {
        (Samples, Height, Width, Channels) = (samples, height, width, channels);
        Length = checked(samples.Length * height * width * channels);
        _buffer = ArrayPool<byte>.Shared.Rent(Length);
    }

    /// <summary>Rows of the data set, in the order of the images.</summary>
    public ImmutableArray<Sample> Samples { get; }

    /// <summary>Number of images in the batch (N).</summary>
    public int Count => Samples.Length;

    /// <summary>Height of each image in pixels (H).</summary>
    public int Height { get; }

    /// <summary>Width of each image in pixels (W).</summary>
    public int Width { get; }

    /// <summary>Number of channels (C): 1 (all grey) or 3 (blue, green, red).</summary>
    public int Channels { get; }

    /// <summary>Number of bytes: N × H × W × C.</summary>
    public int Length { get; }

    /// <summary>The bytes: images, rows, columns, channels.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was returned to the pool.</exception>
    public Span<byte> Bytes => Buffer.AsSpan(0, Length);

    /// <summary>The rented array; only its first <see cref="Length"/> bytes are pixels.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was returned to the pool.</exception>
    public byte[] Buffer => _buffer ?? throw new ObjectDisposedException(nameof(PixelBatch), "The batch was disposed.");

    /// <summary>Copies images of one size into one batch; grey images are expanded to three channels where any other has three.</summary>
    /// <param name="images">At least one image; the caller keeps ownership.</param>
    /// <exception cref="ArgumentException">There is no image, or the sizes differ.</exception>
    public static PixelBatch Stack(IReadOnlyList<Pixels> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0)
        {
            throw new ArgumentException("A batch needs at least one image.", nameof(images));
        }

        var (height, width) = (images[0].Height, images[0].Width);
        var channels = 1;
        foreach (var image in images)
        {
            if (image.Height != height || image.Width != width)
            {
                throw new ArgumentException(
                    $"A batch holds one size: {images[0]} and {image} differ; end the preparation with letterbox, resize or crop.", nameof(images));
            }

            channels = Math.Max(channels, image.Channels);
        }

        var batch = new PixelBatch([.. images.Select(i => i.Sample)], height, width, channels);
        var each = height * width * channels;
        for (var i = 0; i < images.Count; i++)
        {
            var place = batch.Bytes.Slice(i * each, each);
            if (images[i].Channels == channels)
            {
                images[i].Bytes.CopyTo(place);
            }
            else
            {
                Expand(images[i].Bytes, place);
            }
        }

        return batch;
    }

    /// <summary>Returns the buffer to the pool; a second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Count}x{Height}x{Width}x{Channels} from {Samples[0]}";

    private static void Expand(ReadOnlySpan<byte> grey, Span<byte> colour)
    {
        for (int i = 0, j = 0; i < grey.Length; i++, j += 3)
        {
            colour[j] = colour[j + 1] = colour[j + 2] = grey[i];
        }
    }
}
