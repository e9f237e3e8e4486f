using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Normal noise for pixels: drawn scalar by scalar into a block that stays in the processor's cache, and added there many at a time.</summary>
internal static class GaussianNoiseKernel
{
    private const int Shares = 4096;
    private const int Draws = 5; // of 12 bits in 64
    private const int Block = 256 * Draws;

    // The normal quantiles of 4,096 equal shares: a table look-up of 12 random bits in place of a logarithm and a cosine for each pixel.
    private static readonly float[] Quantiles = [.. Enumerable.Range(0, Shares).Select(i => (float)Quantile((i + 0.5) / Shares))];

    /// <summary>Adds to each pixel one value, the same in all of its channels, and stops at black and white.</summary>
    /// <param name="source">Pixels without padding.</param>
    /// <param name="target">Receives the output, of the source's length.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="sigma">Standard deviation, levels.</param>
    /// <param name="random">Five pixels take one number of it.</param>
    public static void Add(ReadOnlySpan<byte> source, Span<byte> target, int channels, double sigma, KeyedRandom random)
    {
        Span<short> steps = stackalloc short[Shares];
        for (var i = 0; i < Shares; i++)
        {
            steps[i] = (short)Math.Round(Quantiles[i] * sigma);
        }

        Span<short> block = stackalloc short[Block * 3];
        for (var done = 0; done < source.Length; done += Block * channels)
        {
            var length = Math.Min(Block * channels, source.Length - done);
            Draw(block, length / channels, channels, steps, ref random);
            Add(source.Slice(done, length), block, target.Slice(done, length));
        }
    }

    private static void Draw(Span<short> block, int pixels, int channels, ReadOnlySpan<short> steps, ref KeyedRandom random)
    {
        // 12 bits reach no further than the table's end, and the block has room for three channels of all its pixels.
        ref var step = ref MemoryMarshal.GetReference(steps);
        ref var to = ref MemoryMarshal.GetReference(block);
        for (var i = 0; i < pixels; i += Draws)
        {
            var bits = random.NextBits();
            for (var left = Math.Min(Draws, pixels - i); left > 0; left--, bits >>= 12)
            {
                var value = Unsafe.Add(ref step, (nint)(bits & (Shares - 1)));
                to = value;
                if (channels == 3)
                {
                    Unsafe.Add(ref to, 1) = value;
                    Unsafe.Add(ref to, 2) = value;
                }

                to = ref Unsafe.Add(ref to, channels);
            }
        }
    }

    private static void Add(ReadOnlySpan<byte> source, ReadOnlySpan<short> grain, Span<byte> target)
    {
        var i = 0;
        var white = new Vector<short>(byte.MaxValue);
        for (; i + Vector<byte>.Count <= source.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(source[i..]), out var low, out var high);
            var first = Vector.AsVectorInt16(low) + new Vector<short>(grain[i..]);
            var second = Vector.AsVectorInt16(high) + new Vector<short>(grain[(i + Vector<short>.Count)..]);
            Vector.Narrow(Within(first), Within(second)).CopyTo(target[i..]);
        }

        for (; i < source.Length; i++)
        {
            target[i] = (byte)Math.Clamp(source[i] + grain[i], byte.MinValue, byte.MaxValue);
        }

        Vector<ushort> Within(Vector<short> level) => Vector.AsVectorUInt16(Vector.Min(Vector.Max(level, Vector<short>.Zero), white));
    }

    // Bisection on the error function's series would do; Acklam's rational approximation (2003) is good to 1e-9.
    private static double Quantile(double p)
    {
        if (p > 0.5)
        {
            return -Quantile(1 - p);
        }

        if (p < 0.02425)
        {
            var q = Math.Sqrt(-2 * Math.Log(p));
            return (((((((((-7.784894002430293e-03 * q) - 3.223964580411365e-01) * q) - 2.400758277161838) * q) - 2.549732539343734) * q) + 4.374664141464968) * q + 2.938163982698783)
                / ((((((((7.784695709041462e-03 * q) + 3.224671290700398e-01) * q) + 2.445134137142996) * q) + 3.754408661907416) * q) + 1);
        }

        var d = p - 0.5;
        var r = d * d;
        return (((((((((((-3.969683028665376e+01 * r) + 2.209460984245205e+02) * r) - 2.759285104469687e+02) * r) + 1.383577518672690e+02) * r) - 3.066479806614716e+01) * r) + 2.506628277459239) * d)
            / ((((((((((-5.447609879822406e+01 * r) + 1.615858368580409e+02) * r) - 1.556989798598866e+02) * r) + 6.680131188771972e+01) * r) - 1.328068155288572e+01) * r) + 1);
    }
}
