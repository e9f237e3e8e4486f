using System.Numerics;
using SketchFlow.Learning.Weights;

namespace SketchFlow.Learning.Native;

/// <summary>
/// Parallel loops over flat buffers, cut into blocks at fixed positions, so that the results do not depend on the number of threads.
/// </summary>
/// <remarks>The buffers of a <see cref="FlatModel"/> are whole numbers of <see cref="Alignment"/> floats, so vectorised loops need no tail.</remarks>
internal static class BufferParallel
{
    /// <summary>Number of floats, of which every tensor's position and every buffer's length is a multiple: one cache line, one AVX-512 register.</summary>
    public const int Alignment = 16;

    /// <summary>Number of floats per block: 256 KiB of each array.</summary>
    public const int Size = 1 << 16;

    /// <summary>Processes one block, given its first element and its number of elements.</summary>
    public delegate void Work(long start, int count);

    /// <summary>Computes the number of blocks.</summary>
    public static int Count(long elements) => (int)((elements + Size - 1) / Size);

    /// <summary>Estimates the cost of a loop for <see cref="OpenMpTeam"/>: it reads and writes about four arrays, which dominates its arithmetic.</summary>
    public static long Operations(long elements) => 8 * elements;

    /// <summary>Runs the blocks of a buffer on libtorch's threads.</summary>
    public static void Each(long elements, Work work) => Each(elements, int.MaxValue, work);

    /// <summary>Runs the blocks of a buffer on at most the given number of libtorch's threads.</summary>
    public static void Each(long elements, int threads, Work work) =>
        OpenMpTeam.For(
            Count(elements),
            Operations(elements),
            block =>
            {
                var start = (long)block * Size;
                work(start, (int)Math.Min(Size, elements - start));
            },
            threads);

    /// <summary>Sums the results of all blocks, in their order.</summary>
    public static double Sum(long elements, int threads, Func<long, int, double> work)
    {
        var sums = new double[Count(elements)];
        Each(elements, threads, (start, count) => sums[start / Size] = work(start, count));
        return sums.Sum();
    }

    /// <summary>Computes a sum of squares, in float lanes within 1,024 elements and in double beyond; it agrees with a double sum to about 1e-6.</summary>
    public static unsafe double SumOfSquares(float* values, int count)
    {
        var sum = 0.0;
        for (var start = 0; start < count; start += 1024)
        {
            var (end, i, lanes) = (Math.Min(start + 1024, count), start, Vector<float>.Zero);
            for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
            {
                var x = Vector.Load(values + i);
                lanes += x * x;
            }

            sum += Vector.Sum(lanes);
            for (; i < end; i++)
            {
                sum += (double)values[i] * values[i];
            }
        }

        return sum;
    }

    /// <summary>Returns the sign of each lane: 1, 0 or -1.</summary>
    public static Vector<float> Sign(Vector<float> x) =>
        Vector.ConditionalSelect(Vector.GreaterThan(x, Vector<float>.Zero), Vector<float>.One, Vector<float>.Zero)
        - Vector.ConditionalSelect(Vector.LessThan(x, Vector<float>.Zero), Vector<float>.One, Vector<float>.Zero);
}
