using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SketchFlow.Scoring.Projection;

/// <summary>Products and distances of vectors, added in an order that does not depend on the CPU.</summary>
internal static class FloatVectors
{
    /// <summary>Computes the inner product of two vectors of equal length.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var lanes = Vector256<float>.Zero;
        ref var first = ref MemoryMarshal.GetReference(a);
        ref var second = ref MemoryMarshal.GetReference(b);
        var i = 0;
        for (; i + Vector256<float>.Count <= a.Length; i += Vector256<float>.Count)
        {
            lanes += Vector256.LoadUnsafe(ref first, (nuint)i) * Vector256.LoadUnsafe(ref second, (nuint)i);
        }

        var sum = Vector256.Sum(lanes);
        for (; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>Computes the squared Euclidean distance of two vectors of equal length.</summary>
    public static float SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var lanes = Vector256<float>.Zero;
        ref var first = ref MemoryMarshal.GetReference(a);
        ref var second = ref MemoryMarshal.GetReference(b);
        var i = 0;
        for (; i + Vector256<float>.Count <= a.Length; i += Vector256<float>.Count)
        {
            var difference = Vector256.LoadUnsafe(ref first, (nuint)i) - Vector256.LoadUnsafe(ref second, (nuint)i);
            lanes += difference * difference;
        }

        var sum = Vector256.Sum(lanes);
        for (; i < a.Length; i++)
        {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }

        return sum;
    }
}
