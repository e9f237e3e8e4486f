using System.Numerics;

namespace SketchFlow.Scoring.Numerics;

/// <summary>Finds NaN and infinite values.</summary>
internal static class FiniteCheck
{
    /// <summary>Returns the index of the first value that is not finite, or -1.</summary>
    public static int IndexOfFault(ReadOnlySpan<float> values)
    {
        // x - x is 0 for finite x and NaN otherwise; the scan stops at the first block that contains a fault.
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var x = new Vector<float>(values[i..]);
            if (!Vector.EqualsAll(x - x, Vector<float>.Zero))
            {
                break;
            }
        }

        for (; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
