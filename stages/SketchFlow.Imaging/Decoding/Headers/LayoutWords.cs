namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Names of the parts of a layout, for messages and for the documentation.</summary>
internal static class LayoutWords
{
    /// <summary>Returns the format's name.</summary>
    public static string For(ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => "JPEG",
        ImageFormat.WebP => "WebP",
        ImageFormat.Png => "PNG",
        ImageFormat.Bmp => "BMP",
        ImageFormat.Gif => "GIF",
        _ => "TIFF",
    };

    /// <summary>Returns the name of the colours.</summary>
    public static string For(ImageColour colour) => colour switch
    {
        ImageColour.Grey => "grey",
        ImageColour.InvertedGrey => "grey with 0 as white",
        ImageColour.Palette => "palette",
        ImageColour.Rgb => "RGB",
        ImageColour.YCbCr => "YCbCr",
        ImageColour.Cmyk => "CMYK",
        _ => "unknown colours",
    };

    /// <summary>Returns the name of the transparency.</summary>
    public static string For(ImageAlpha alpha) => alpha switch
    {
        ImageAlpha.None => "opaque",
        ImageAlpha.Straight => "alpha",
        ImageAlpha.Premultiplied => "premultiplied alpha",
        ImageAlpha.Key => "transparent colour",
        _ => "unused sample",
    };

    /// <summary>Returns the name of the coding.</summary>
    public static string For(ImageCoding coding) => coding switch
    {
        ImageCoding.Raw => "uncompressed",
        ImageCoding.Masks => "channel masks",
        ImageCoding.RunLength => "run lengths",
        ImageCoding.PackBits => "PackBits",
        ImageCoding.Lzw => "LZW",
        ImageCoding.Deflate => "Deflate",
        ImageCoding.Ccitt => "CCITT",
        ImageCoding.Jpeg => "JPEG",
        ImageCoding.Vp8 => "lossy",
        _ => "lossless",
    };
}
