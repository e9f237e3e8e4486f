namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Meaning of the samples of a stored pixel.</summary>
internal enum ImageColour
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>One level; 0 is black.</summary>
    Grey,

    /// <summary>One level; 0 is white.</summary>
    InvertedGrey,

    /// <summary>An index into a table of colours.</summary>
    Palette,

    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Luma and two differences.</summary>
    YCbCr,

    /// <summary>Cyan, magenta, yellow, black.</summary>
    Cmyk,
}
