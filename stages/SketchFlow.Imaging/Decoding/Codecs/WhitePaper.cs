namespace SketchFlow.Imaging.Decoding.Codecs;

/// <summary>Composites transparent pixels on white.</summary>
internal static class WhitePaper
{
    /// <summary>Returns a level of the given opacity on white.</summary>
    public static byte Under(byte level, byte alpha) => (byte)(((level * alpha) + (255 * (255 - alpha)) + 127) / 255);

    /// <summary>Returns a level that is already multiplied by its opacity, on white.</summary>
    public static byte UnderPremultiplied(byte level, byte alpha) => (byte)Math.Min(255, level + 255 - alpha);
}
