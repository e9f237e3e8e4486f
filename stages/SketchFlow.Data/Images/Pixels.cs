using System.Buffers;
using SketchFlow.Data.Datasets;

namespace SketchFlow.Data.Images;

/// <summary>
/// The pixels of one sample: rows × columns × channels of uint8 in a pooled managed buffer, without row padding.
/// One channel is grey; three are blue, green, red, in OpenCV's order.
/// </summary>
/// <remarks>
/// The holder of the pixels owns them and disposes of them once; the flow does so for every stage. A stage reads its input and rents its output:
/// inputs are never changed.
/// </remarks>
public sealed class Pixels : IDisposable
{
    private byte[]? _buffer;

    private Pixels(Sample sample, int width, int height, int channels)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (channels is not (1 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "Pixels have 1 channel (grey) or 3 (blue, green, red).");
        }

        (Sample, Width, Height, Channels) = (sample, width, height, channels);
        Length = checked(width * height * channels);
        _buffer = ArrayPool<byte>.Shared.Rent(Length);
    }

    /// <summary>The row of the data set that these pixels belong to.</summary>
    public Sample Sample { get; }

    /// <summary>Number of columns.</summary>
    public int Width { get; }

    /// <summary>Number of rows.</summary>
    public int Height { get; }

    /// <summary>Number of channels: 1 (grey) or 3 (blue, green, red).</summary>
    public int Channels { get; }

    /// <summary>Number of bytes: <see cref="Height"/> × <see cref="Width"/> × <see cref="Channels"/>.</summary>
    public int Length { get; }

    /// <summary>The bytes, row by row, channels innermost.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was returned to the pool.</exception>
    public Span<byte> Bytes => Buffer.AsSpan(0, Length);

    /// <summary>The rented array; only its first <see cref="Length"/> bytes are pixels.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was returned to the pool.</exception>
    public byte[] Buffer => _buffer ?? throw new ObjectDisposedException(nameof(Pixels), $"The pixels of {Sample} were disposed.");

    /// <summary>Rents pixels whose bytes are not yet set.</summary>
    public static Pixels Rent(Sample sample, int width, int height, int channels) => new(sample, width, height, channels);

    /// <summary>Copies <paramref name="bytes"/> (rows, columns, channels) into rented pixels.</summary>
    /// <exception cref="ArgumentException">The number of bytes is not height × width × channels.</exception>
    public static Pixels From(Sample sample, int width, int height, int channels, ReadOnlySpan<byte> bytes)
    {
        var pixels = Rent(sample, width, height, channels);
        if (bytes.Length != pixels.Length)
        {
            pixels.Dispose();
            throw new ArgumentException($"Expected {pixels.Length} bytes for {height}x{width}x{channels} pixels, got {bytes.Length}.", nameof(bytes));
        }

        bytes.CopyTo(pixels.Bytes);
        return pixels;
    }

    /// <summary>Copies the pixels into a buffer of their own.</summary>
    public Pixels Clone() => From(Sample, Width, Height, Channels, Bytes);

    /// <summary>Returns the buffer to the pool; a second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Sample} {Width}x{Height}x{Channels}";
}
