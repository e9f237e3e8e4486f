using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Gaussian noise: drawn one value at a time into a block that stays in the CPU's cache, then added with vector instructions.</summary>
internal static class GaussianNoiseKernel
{
    private const int Shares = 4096;
    private const int Draws = 5; // 12 bits each, out of 64
    private const int Block = 256 * Draws;

    // The normal quantiles of 4,096 equal probabilities: looking up 12 random bits replaces a logarithm and a cosine per pixel.
    private static readonly float[] Quantiles = [.. Enumerable.Range(0, Shares).Select(i => (float)NormalDistribution.Quantile((i + 0.5) / Shares))];

    /// <summary>Adds one random value to all channels of each pixel and clamps to 0-255.</summary>
    /// <param name="source">Pixels without padding.</param>
    /// <param name="target">Output of the source's length.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="sigma">Standard deviation, levels.</param>
    /// <param name="random">Stream of random bits; five pixels use one 64-bit number.</param>
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
        // 12 bits never index past the end of the table, and the block has room for three channels of all its pixels.
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

    private static void Add(ReadOnlySpan<byte> source, ReadOnlySpan<short> noise, Span<byte> target)
    {
        var i = 0;
        var white = new Vector<short>(byte.MaxValue);
        for (; i + Vector<byte>.Count <= source.Length; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(source[i..]), out var low, out var high);
            var first = Vector.AsVectorInt16(low) + new Vector<short>(noise[i..]);
            var second = Vector.AsVectorInt16(high) + new Vector<short>(noise[(i + Vector<short>.Count)..]);
            Vector.Narrow(ToLevels(first), ToLevels(second)).CopyTo(target[i..]);
        }

        for (; i < source.Length; i++)
        {
            target[i] = (byte)Math.Clamp(source[i] + noise[i], byte.MinValue, byte.MaxValue);
        }

        Vector<ushort> ToLevels(Vector<short> level) => Vector.AsVectorUInt16(Vector.Min(Vector.Max(level, Vector<short>.Zero), white));
    }
}
