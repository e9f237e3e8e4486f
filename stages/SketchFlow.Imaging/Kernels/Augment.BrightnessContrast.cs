namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    /// <summary>level × (1 + contrast) + 255 × brightness in single precision, within 0-255, truncated as albumentations' table is.</summary>
    public static byte[] BrightnessContrastTable(double brightness, double contrast)
    {
        var (alpha, beta, table) = ((float)(1 + contrast), (float)(255 * brightness), new byte[256]);
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = (byte)Math.Clamp((i * alpha) + beta, 0F, 255F);
        }

        return table;
    }
}
