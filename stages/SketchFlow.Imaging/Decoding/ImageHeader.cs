namespace SketchFlow.Imaging.Decoding;

/// <summary>What a file says of itself before a pixel is decoded.</summary>
/// <param name="Format">Told by the first bytes, never by the file's name.</param>
/// <param name="Width">Columns as stored, before the orientation is applied.</param>
/// <param name="Height">Rows as stored.</param>
/// <param name="Components">Samples a pixel: 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha (or CMYK in a JPEG).</param>
internal readonly record struct ImageHeader(ImageFormat Format, int Width, int Height, int Components)
{
    /// <summary>True where pixels may be transparent.</summary>
    public bool Alpha { get; init; }

    /// <summary>Bits a component.</summary>
    public int Bits { get; init; } = 8;

    /// <summary>For a grey PNG with a tRNS chunk: the one transparent level, in the file's own bits; -1 where there is none.</summary>
    public int TransparentGrey { get; init; } = -1;

    /// <summary>EXIF orientation, 1 (as stored) to 8.</summary>
    public int Orientation { get; init; } = 1;

    /// <summary>Why the file cannot be decoded whole; null for a sound one.</summary>
    public string? Fault { get; init; }
}
