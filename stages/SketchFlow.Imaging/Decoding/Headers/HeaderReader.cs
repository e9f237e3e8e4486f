namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Reads the headers of JPEG, PNG, BMP, GIF, WebP and TIFF files and checks that the files are complete.</summary>
/// <remarks>
/// OpenCV decodes a truncated JPEG without an error, with grey in place of the missing rest, and allocates the size that a header declares, however
/// large. Both cases are found here, before decoding.
/// </remarks>
internal static class HeaderReader
{
    /// <summary>Reads the header; a damaged file gives a header with a fault, an unknown format gives null.</summary>
    public static ImageHeader? Read(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith([(byte)0xFF, (byte)0xD8, (byte)0xFF]))
        {
            return JpegHeader.Read(file);
        }

        if (file.StartsWith(PngHeader.Signature))
        {
            return PngHeader.Read(file);
        }

        if (file.Length >= 26 && file.StartsWith("BM"u8))
        {
            return BmpHeader.Read(file);
        }

        if (file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8))
        {
            return GifHeader.Read(file);
        }

        if (file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8))
        {
            return WebPHeader.Read(file);
        }

        return file.Length >= 8 && (file.StartsWith("II"u8) || file.StartsWith("MM"u8)) ? TiffHeader.Read(file) : null;
    }
}
