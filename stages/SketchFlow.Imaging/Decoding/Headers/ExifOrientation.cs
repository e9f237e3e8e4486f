namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Reads the orientation from EXIF metadata.</summary>
internal static class ExifOrientation
{
    /// <summary>Returns the orientation in a TIFF-structured EXIF block; 1 where it is missing or invalid.</summary>
    public static int Read(ReadOnlySpan<byte> exif)
    {
        var entry = new IfdReader(exif);
        return entry.Find(0x0112) is { } value and >= 1 and <= 8 ? (int)value : 1;
    }
}
