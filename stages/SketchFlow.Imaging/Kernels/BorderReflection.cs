namespace SketchFlow.Imaging.Kernels;

/// <summary>Where pixels beyond a picture's border come from, as OpenCV names it.</summary>
internal static class BorderReflection
{
    /// <summary>BORDER_REFLECT_101, gfedcb|abcdefgh|gfedcba: the position that stands for one at any distance beyond either end.</summary>
    public static int Reflect101(int at, int length)
    {
        if (length == 1)
        {
            return 0;
        }

        var period = 2 * (length - 1);
        at = Math.Abs(at) % period;
        return at < length ? at : period - at;
    }
}
