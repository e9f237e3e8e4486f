using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Mean of the pixels at given offsets from each pixel: cv::filter2D with equal weights and BORDER_REFLECT_101.</summary>
/// <remarks>Replaces OpenCV's function, which multiplies each weight: the few pixels of a line are added as integers and divided once.</remarks>
internal static class MotionMean
{
    // Added to a float below 2^22, this constant leaves the nearest integer (ties to even) in the lowest bits.
    private const float Rounding = 3 << 22;

    /// <summary>Computes the means, each channel separately.</summary>
    /// <param name="source">Input pixels.</param>
    /// <param name="target">Output of the source's size.</param>
    /// <param name="offsets">At most 257 distinct offsets.</param>
    public static void Run(PixelSpan source, Span<byte> target, ReadOnlySpan<(int X, int Y)> offsets)
    {
        var (width, height, channels) = (source.Width, source.Height, source.Channels);
        var reach = 0;
        foreach (var (x, _) in offsets)
        {
            reach = Math.Max(reach, Math.Abs(x));
        }

        // Left and right borders are reflected once into wider rows; above and below, the row index is reflected.
        var (row, stride) = (width * channels, (width + (2 * reach)) * channels);
        var wide = ArrayPool<byte>.Shared.Rent(stride * height);
        try
        {
            for (var y = 0; y < height; y++)
            {
                Widen(source.Row(y), wide.AsSpan(y * stride, stride), width, reach, channels);
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
        // Reads stay inside the buffer: the neighbours of a row's last pixel end with its widened row.
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
