namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Reads the header of a TIFF file.</summary>
/// <remarks>TIFF 6.0 and BigTIFF. OpenCV applies the orientation tag of TIFF files, so it is not reported here.</remarks>
internal static class TiffHeader
{
    /// <summary>Reads the header; a damaged file gives a header with a fault, other bytes give null.</summary>
    public static ImageHeader? Read(ReadOnlySpan<byte> file)
    {
        var entries = new IfdReader(file);
        if (!entries.IsTiff)
        {
            return null;
        }

        if (!entries.IsWhole || entries.Find(256) is not { } width || entries.Find(257) is not { } height || width > int.MaxValue || height > int.MaxValue)
        {
            return ImageHeader.Broken(ImageFormat.Tiff, "truncated TIFF");
        }

        var components = (int)Math.Min(entries.Find(277) ?? 1, 16);
        var palette = entries.Find(262) == 3;
        return new ImageHeader(ImageFormat.Tiff, (int)width, (int)height, palette ? 3 : components)
        {
            Bits = (int)Math.Min(entries.Find(258) ?? 1, 64),
            Alpha = components is 2 or 4 && entries.Find(262) is 1 or 2,
        };
    }
}
