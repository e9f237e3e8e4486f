namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Contents of a file's header, read before any pixel is decoded.</summary>
/// <param name="Format">Format, recognised by the first bytes, never by the file's name.</param>
/// <param name="Width">Number of columns as stored, before the orientation is applied.</param>
/// <param name="Height">Number of rows as stored.</param>
/// <param name="Components">Samples per pixel: 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha (or CMYK in a JPEG).</param>
internal readonly record struct ImageHeader(ImageFormat Format, int Width, int Height, int Components)
{
    /// <summary>Whether pixels may be transparent.</summary>
    public bool Alpha { get; init; }

    /// <summary>Bits per component.</summary>
    public int Bits { get; init; } = 8;

    /// <summary>EXIF orientation, 1 (as stored) to 8.</summary>
    public int Orientation { get; init; } = 1;

    /// <summary>Number of scans of a JPEG, each of which takes time for all pixels; 0 for other formats.</summary>
    public int Scans { get; init; }

    /// <summary>Reason why the file cannot be decoded completely; null for an intact file.</summary>
    public string? Fault { get; init; }

    /// <summary>Storage of the pixels.</summary>
    public ImageLayout Layout { get; init; }

    /// <summary>Returns the header of a file whose size is not known, with the reason.</summary>
    public static ImageHeader Broken(ImageFormat format, string fault) => new(format, 0, 0, 0) { Fault = fault };

    /// <summary>Returns the reason for rejecting a file whose layout is not decoded.</summary>
    public static string NotSupported(ImageFormat format, string kind) => $"a kind of {LayoutWords.For(format)} that is not supported: {kind}";
}
