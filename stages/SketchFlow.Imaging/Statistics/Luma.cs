using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Statistics;

/// <summary>Grey levels of images by ITU-R BT.601, in whole numbers, which leaves the level of grey colours unchanged.</summary>
internal static class Luma
{
    /// <summary>Returns the level of each pixel, row by row.</summary>
    /// <param name="image">Pixels with 1 or 3 channels.</param>
    public static byte[] Of(Pixels image)
    {
        var from = image.Bytes;
        if (image.Channels == 1)
        {
            return from.ToArray();
        }

        var levels = new byte[from.Length / 3];
        for (int i = 0, j = 0; i < levels.Length; i++, j += 3)
        {
            levels[i] = (byte)(((29 * from[j]) + (150 * from[j + 1]) + (77 * from[j + 2]) + 128) >> 8);
        }

        return levels;
    }
}
