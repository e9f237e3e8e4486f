namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>The storage of the pixels in a file; <see cref="TestedLayout"/> has the ones that are decoded.</summary>
/// <param name="Format">Format of the file.</param>
/// <param name="Colour">Meaning of a pixel's samples.</param>
/// <param name="Bits">Bits per sample; per pixel in a BMP.</param>
internal readonly record struct ImageLayout(ImageFormat Format, ImageColour Colour, int Bits)
{
    /// <summary>Transparency of the pixels.</summary>
    public ImageAlpha Alpha { get; init; }

    /// <summary>Coding of the samples.</summary>
    public ImageCoding Coding { get; init; }

    /// <summary>Whether each channel is stored in a plane of its own.</summary>
    public bool SeparatePlanes { get; init; }

    /// <summary>Whether OpenCV decodes the file by libtiff, which also applies its orientation.</summary>
    public bool NeedsLibTiff => Format == ImageFormat.Tiff && Coding is ImageCoding.Ccitt or ImageCoding.Jpeg;

    /// <summary>Returns the layout in words, such as <c>16-bit RGB, premultiplied alpha, LZW</c>.</summary>
    public override string ToString()
    {
        var planes = SeparatePlanes ? ", separate planes" : "";
        return $"{Bits}-bit {LayoutWords.For(Colour)}{(Alpha == ImageAlpha.None ? "" : $", {LayoutWords.For(Alpha)}")}, {LayoutWords.For(Coding)}{planes}";
    }
}
