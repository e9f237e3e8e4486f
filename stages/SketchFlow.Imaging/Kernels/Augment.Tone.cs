namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    /// <summary>The highest <paramref name="bits"/> of each level (PIL's posterize).</summary>
    public static byte[] PosterizeTable(int bits) => Table(v => v & (0xFF << (8 - bits)));

    /// <summary>Levels at or above <paramref name="threshold"/> are inverted (PIL's solarize).</summary>
    public static byte[] SolarizeTable(double threshold) => Table(v => v < threshold ? v : 255 - v);
}
