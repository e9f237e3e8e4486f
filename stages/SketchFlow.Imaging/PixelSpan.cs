using SketchFlow.Data.Images;

namespace SketchFlow.Imaging;

/// <summary>Interleaved 8-bit pixels without padding between rows, read-only: the input of the kernels that work on spans.</summary>
internal readonly ref struct PixelSpan(ReadOnlySpan<byte> bytes, int width, int height, int channels)
{
    /// <summary>Levels, row by row; <see cref="RowLength"/> × <see cref="Height"/> bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>Number of columns.</summary>
    public int Width { get; } = width;

    /// <summary>Number of rows.</summary>
    public int Height { get; } = height;

    /// <summary>1 for grey, 3 for blue, green, red.</summary>
    public int Channels { get; } = channels;

    /// <summary>Bytes per row.</summary>
    public int RowLength => Width * Channels;

    /// <summary>Wraps an image; no bytes are copied.</summary>
    public static PixelSpan From(Pixels pixels) => new(pixels.Bytes, pixels.Width, pixels.Height, pixels.Channels);

    /// <summary>Returns the bytes of one row.</summary>
    public ReadOnlySpan<byte> Row(int y) => Bytes.Slice(y * RowLength, RowLength);
}
