using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SketchFlow.Imaging.Kernels;

/// <summary>The mean of the pixels at some offsets from each: what cv::filter2D gives for a kernel of equal weights, the picture mirrored at its border (reflect 101).</summary>
/// <remarks>In place of OpenCV's, which multiplies where adding will do: the few pixels of a line are added as integers, and divided once.</remarks>
internal static class MotionMean
{
    // Added to a float below 2^22 it leaves the nearest integer, ties to even, in the lowest bits.
    private const float Rounding = 3 << 22;

    /// <summary>Takes the means.</summary>
    /// <param name="source">Rows without padding.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="channels">1 or 3, each for itself.</param>
    /// <param name="target">Receives the output, of the source's size.</param>
    /// <param name="offsets">At most 257, each once.</param>
    public static void Run(ReadOnlySpan<byte> source, int width, int height, int channels, Span<byte> target, ReadOnlySpan<(int X, int Y)> offsets)
    {
        var reach = 0;
        foreach (var (x, _) in offsets)
        {
            reach = Math.Max(reach, Math.Abs(x));
        }

        // Mirrored to the left and the right once; above and below by the choice of rows.
        var (row, stride) = (width * channels, (width + (2 * reach)) * channels);
        var wide = ArrayPool<byte>.Shared.Rent(stride * height);
        try
        {
            for (var y = 0; y < height; y++)
            {
                Widen(source.Slice(y * row, row), wide.AsSpan(y * stride, stride), width, reach, channels);
            }

            Span<int> starts = stackalloc int[offsets.Length];
            for (var y = 0; y < height; y++)
            {
                for (var i = 0; i < starts.Length; i++)
                {
                    starts[i] = (BorderReflection.Reflect101(y + offsets[i].Y, height) * stride) + ((reach + offsets[i].X) * channels);
                }

                Mean(wide, starts, target.Slice(y * row, row));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(wide);
        }
    }

    private static void Widen(ReadOnlySpan<byte> from, Span<byte> into, int width, int reach, int channels)
    {
        from.CopyTo(into[(reach * channels)..]);
        for (var i = 1; i <= reach; i++)
        {
            from.Slice(BorderReflection.Reflect101(-i, width) * channels, channels).CopyTo(into[((reach - i) * channels)..]);
            from.Slice(BorderReflection.Reflect101(width - 1 + i, width) * channels, channels).CopyTo(into[((reach + width - 1 + i) * channels)..]);
        }
    }

    private static void Mean(ReadOnlySpan<byte> wide, ReadOnlySpan<int> starts, Span<byte> output)
    {
        var share = 1F / starts.Length;
        var i = 0;
        // Reads stay within rows: an output's neighbours end where its widened row does.
        ref var first = ref MemoryMarshal.GetReference(wide);
        for (; i + Vector<byte>.Count <= output.Length; i += Vector<byte>.Count)
        {
            var (low, high) = (Vector<ushort>.Zero, Vector<ushort>.Zero);
            foreach (var start in starts)
            {
                Vector.Widen(Vector.LoadUnsafe(ref first, (nuint)(start + i)), out var left, out var right);
                low += left;
                high += right;
            }

            Vector.Narrow(Divide(low, share), Divide(high, share)).CopyTo(output[i..]);
        }

        for (; i < output.Length; i++)
        {
            var sum = 0;
            foreach (var start in starts)
            {
                sum += wide[start + i];
            }

            output[i] = (byte)MathF.Round(sum * share);
        }
    }

    private static Vector<ushort> Divide(Vector<ushort> sums, float share)
    {
        Vector.Widen(sums, out var low, out var high);
        return Vector.Narrow(Divide(low, share), Divide(high, share));
    }

    private static Vector<uint> Divide(Vector<uint> sums, float share) =>
        Vector.AsVectorUInt32((Vector.ConvertToSingle(Vector.AsVectorInt32(sums)) * share) + new Vector<float>(Rounding)) & new Vector<uint>(byte.MaxValue);
}
