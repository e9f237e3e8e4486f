namespace SketchFlow.Imaging.Decoding.Png;

/// <summary>The pixels of one pass: all, or those of one pass of Adam7 (PNG specification, section 8.2).</summary>
internal readonly record struct PngPass(int Left, int Top, int Across, int Down)
{
    /// <summary>The only pass of an image that is not interlaced.</summary>
    public static readonly PngPass[] Whole = [new(0, 0, 1, 1)];

    /// <summary>The passes of an interlaced image.</summary>
    public static readonly PngPass[] Interlaced =
        [new(0, 0, 8, 8), new(4, 0, 8, 8), new(0, 4, 4, 8), new(2, 0, 4, 4), new(0, 2, 2, 4), new(1, 0, 2, 2), new(0, 1, 1, 2)];

    /// <summary>Computes the number of columns and rows that the pass has in an image.</summary>
    public (int Width, int Height) SizeOf(int width, int height) =>
        (Math.Max(0, (width - Left + Across - 1) / Across), Math.Max(0, (height - Top + Down - 1) / Down));

    /// <summary>Returns the row of the image that a row of the pass belongs to.</summary>
    public int Row(int y) => Top + (y * Down);

    /// <summary>Writes the pixels of a row to their columns.</summary>
    public void Scatter(ReadOnlySpan<byte> levels, Span<byte> target, int channels)
    {
        for (int from = 0, to = Left * channels; from < levels.Length; from += channels, to += Across * channels)
        {
            levels.Slice(from, channels).CopyTo(target[to..]);
        }
    }
}
