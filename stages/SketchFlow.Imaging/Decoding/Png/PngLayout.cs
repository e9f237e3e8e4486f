namespace SketchFlow.Imaging.Decoding.Png;

/// <summary>Size and sample layout of a PNG image.</summary>
/// <param name="Width">Number of columns.</param>
/// <param name="Height">Number of rows.</param>
/// <param name="Bits">Bits per sample.</param>
/// <param name="ColourType">0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha.</param>
internal readonly record struct PngLayout(int Width, int Height, int Bits, byte ColourType)
{
    /// <summary>Samples per pixel in the file.</summary>
    public int Samples => ColourType switch { 0 or 3 => 1, 4 => 2, 2 => 3, _ => 4 };

    /// <summary>Channels of the decoded pixels: 1 for grey, 3 for colour.</summary>
    public int Channels => ColourType is 0 or 4 ? 1 : 3;

    /// <summary>Distance between bytes that a filter compares, at least 1.</summary>
    public int BytesPerPixel => Math.Max(1, Samples * Bits / 8);

    /// <summary>Bytes of a row of <paramref name="width"/> pixels, without its filter byte.</summary>
    public int RowLength(int width) => checked((int)((((long)width * Samples * Bits) + 7) / 8));
}
