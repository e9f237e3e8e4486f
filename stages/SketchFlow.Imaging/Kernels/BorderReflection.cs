namespace SketchFlow.Imaging.Kernels;

/// <summary>Extends images beyond their border, under OpenCV's names.</summary>
internal static class BorderReflection
{
    /// <summary>Returns the position inside an axis that BORDER_REFLECT_101 (gfedcb|abcdefgh|gfedcba) reads for any position, inside or outside.</summary>
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
