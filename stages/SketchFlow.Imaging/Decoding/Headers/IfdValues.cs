namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>The place of a tag's values in a TIFF or EXIF structure.</summary>
/// <param name="Offset">Position of the first value, bytes.</param>
/// <param name="Type">Type of the values: 1 (8 bits), 3 (16 bits), 4 (32 bits) or 16 (64 bits).</param>
/// <param name="Count">Number of values inside the file.</param>
internal readonly record struct IfdValues(int Offset, int Type, int Count)
{
    /// <summary>Returns the number of bytes of one value.</summary>
    public static uint WidthOf(int type) => type switch { 1 => 1, 3 => 2, 4 => 4, _ => 8 };
}
