using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SketchFlow.Learning.Native;

namespace SketchFlow.Learning.Models.Graphs.Depthwise;

/// <summary>
/// Computes the gradient of a depthwise convolution's weight and bias on a CPU: dw[c, i, j] = sum over n, y, x of
/// g[n, y, x, c] * in[n, y * stride + i - top, x * stride + j - left, c].
/// </summary>
/// <remarks>
/// For kernels of 5 and 7, oneDNN's gradient takes more than ten times as long as the forward pass, which has the same number of
/// multiply-adds (DepthwiseBenchmarks). Here the channels are the lanes of two vectors, the input rows under the kernel are in a ring buffer
/// that fits the L1 cache, with zero padding at both ends, and the sums of a kernel row stay in registers along an image row. The sums of the
/// images are added in the order of the images, so that the result does not depend on the number of threads.
/// </remarks>
internal static unsafe class DepthwiseGradient
{
    // Two vectors hide the latency of a fused multiply-add, which takes four cycles while two can start per cycle.
    private static readonly int Lanes = 2 * Vector<float>.Count;

    /// <summary>Computes both gradients.</summary>
    /// <param name="shape">Sizes of the convolution.</param>
    /// <param name="input">Input (N, H, W, C).</param>
    /// <param name="gradient">Gradient of the output (N, H', W', C).</param>
    /// <param name="weight">Receives the gradient of the weight (C, kH, kW).</param>
    /// <param name="bias">Receives the gradient of the bias (C); empty if there is no bias.</param>
    public static void Compute(DepthwiseShape shape, DepthwiseBuffer input, DepthwiseBuffer gradient, Span<float> weight, Span<float> bias)
    {
        var groups = (shape.Channels + Lanes - 1) / Lanes;
        var cells = shape.Kernel.Rows * shape.Kernel.Columns;
        var share = (cells + 1) * Lanes;
        var sums = (float*)NativeMemory.AlignedAlloc((nuint)((long)shape.Images * groups * share * sizeof(float)), 64);
        try
        {
            OpenMpTeam.For(
                shape.Images * groups,
                (long)shape.Images * shape.Channels * shape.Out.Rows * shape.Out.Columns * cells,
                () => new Scratch(shape),
                (task, scratch) => Sum(shape, (input, gradient, task / groups), task % groups * Lanes, scratch, sums + ((long)task * share)));

            for (var c = 0; c < shape.Channels; c++)
            {
                var (group, lane) = (c / Lanes, c % Lanes);
                for (var cell = 0; cell <= cells; cell++)
                {
                    var sum = 0F;
                    for (var n = 0; n < shape.Images; n++)
                    {
                        sum += sums[((((long)n * groups) + group) * share) + (cell * Lanes) + lane];
                    }

                    if (cell < cells)
                    {
                        weight[(c * cells) + cell] = sum;
                    }
                    else if (!bias.IsEmpty)
                    {
                        bias[c] = sum;
                    }
                }
            }
        }
        finally
        {
            NativeMemory.AlignedFree(sums);
        }
    }

    // A group of channels, one per lane, of which the last group may have fewer.
    private readonly record struct ChannelGroup(int Channels, int First, int Count);

    // Handles one image and the group of channels from firstChannel; the last Lanes elements of sums are for the bias.
    private static void Sum(
        DepthwiseShape shape, (DepthwiseBuffer Input, DepthwiseBuffer Gradient, int Number) image, int firstChannel, Scratch scratch, float* sums)
    {
        var (kernel, stride, lanes) = (shape.Kernel, shape.Stride, Lanes);
        var group = new ChannelGroup(shape.Channels, firstChannel, Math.Min(lanes, shape.Channels - firstChannel));
        var bias = sums + (kernel.Rows * kernel.Columns * lanes);
        new Span<float>(sums, ((kernel.Rows * kernel.Columns) + 1) * lanes).Clear();
        var loaded = 0;
        for (var y = 0; y < shape.Out.Rows; y++)
        {
            Load(image.Gradient, (((long)image.Number * shape.Out.Rows) + y) * shape.Out.Columns, shape.Out.Columns, group, scratch.Gradient);
            Add(scratch.Gradient, shape.Out.Columns, bias);
            var first = (y * stride) - shape.Padding.Rows;
            var end = Math.Min(first + kernel.Rows, shape.In.Rows);
            for (loaded = Math.Max(loaded, first); loaded < end; loaded++)
            {
                Load(
                    image.Input,
                    (((long)image.Number * shape.In.Rows) + loaded) * shape.In.Columns,
                    shape.In.Columns,
                    group,
                    scratch.Row(loaded) + (shape.Padding.Columns * lanes));
            }

            for (var r = Math.Max(first, 0); r < end; r++)
            {
                MultiplyAdd(scratch.Gradient, shape.Out.Columns, scratch.Row(r), stride * lanes, sums + ((r - first) * kernel.Columns * lanes), kernel.Columns);
            }
        }
    }

    // Loads the group's channels of one row of pixels; missing channels are zero.
    private static void Load(DepthwiseBuffer from, long pixel, int count, ChannelGroup group, float* to)
    {
        var vector = Vector<float>.Count;
        var (channels, channel, present) = group;
        if (from.IsHalf)
        {
            var source = (ushort*)from.Data + (pixel * channels) + channel;
            for (var i = 0; i < count; i++, source += channels, to += Lanes)
            {
                if (present == Lanes)
                {
                    Vector.Widen(Vector.Load(source), out var low, out var high);
                    Vector.AsVectorSingle(low << 16).Store(to);
                    Vector.AsVectorSingle(high << 16).Store(to + vector);
                }
                else
                {
                    for (var lane = 0; lane < Lanes; lane++)
                    {
                        to[lane] = lane < present ? BitConverter.UInt32BitsToSingle((uint)source[lane] << 16) : 0;
                    }
                }
            }
        }
        else
        {
            var source = (float*)from.Data + (pixel * channels) + channel;
            for (var i = 0; i < count; i++, source += channels, to += Lanes)
            {
                if (present == Lanes)
                {
                    Vector.Load(source).Store(to);
                    Vector.Load(source + vector).Store(to + vector);
                }
                else
                {
                    for (var lane = 0; lane < Lanes; lane++)
                    {
                        to[lane] = lane < present ? source[lane] : 0;
                    }
                }
            }
        }
    }

    private static void Add(float* row, int count, float* sum)
    {
        var vector = Vector<float>.Count;
        var (a, b) = (Vector.Load(sum), Vector.Load(sum + vector));
        for (var i = 0; i < count; i++, row += Lanes)
        {
            a += Vector.Load(row);
            b += Vector.Load(row + vector);
        }

        a.Store(sum);
        b.Store(sum + vector);
    }

    // Adds sums[j] += g[x] * row[x * step + j] over a row, in blocks of 7, 5, 3 and 1 kernel columns.
    private static void MultiplyAdd(float* g, int count, float* row, int step, float* sums, int columns)
    {
        for (var j = 0; j < columns;)
        {
            var from = row + (j * Lanes);
            var to = sums + (j * Lanes);
            j += (columns - j) switch
            {
                >= 7 => MultiplyAdd<Seven>(g, count, from, step, to),
                >= 5 => MultiplyAdd<Five>(g, count, from, step, to),
                >= 3 => MultiplyAdd<Three>(g, count, from, step, to),
                _ => MultiplyAdd<One>(g, count, from, step, to),
            };
        }
    }

    // Adds one block and returns its number of columns. The columns are unrolled by hand because the JIT keeps sums in registers only if each is a
    // variable of its own; it compiles this method for each block, without the code of columns that the block does not have.
    private static int MultiplyAdd<T>(float* g, int count, float* x, int step, float* sums)
        where T : struct, IBlock
    {
        var v = Vector<float>.Count;
        var (a0, b0) = Load<T>(sums, 0);
        var (a1, b1) = Load<T>(sums, 1);
        var (a2, b2) = Load<T>(sums, 2);
        var (a3, b3) = Load<T>(sums, 3);
        var (a4, b4) = Load<T>(sums, 4);
        var (a5, b5) = Load<T>(sums, 5);
        var (a6, b6) = Load<T>(sums, 6);
        for (var i = 0; i < count; i++, g += 2 * v, x += step)
        {
            var (a, b) = (Vector.Load(g), Vector.Load(g + v));
            a0 = Vector.FusedMultiplyAdd(a, Vector.Load(x), a0);
            b0 = Vector.FusedMultiplyAdd(b, Vector.Load(x + v), b0);
            if (T.Columns >= 3)
            {
                a1 = Vector.FusedMultiplyAdd(a, Vector.Load(x + (2 * v)), a1);
                b1 = Vector.FusedMultiplyAdd(b, Vector.Load(x + (3 * v)), b1);
                a2 = Vector.FusedMultiplyAdd(a, Vector.Load(x + (4 * v)), a2);
                b2 = Vector.FusedMultiplyAdd(b, Vector.Load(x + (5 * v)), b2);
            }

            if (T.Columns >= 5)
            {
                a3 = Vector.FusedMultiplyAdd(a, Vector.Load(x + (6 * v)), a3);
                b3 = Vector.FusedMultiplyAdd(b, Vector.Load(x + (7 * v)), b3);
                a4 = Vector.FusedMultiplyAdd(a, Vector.Load(x + (8 * v)), a4);
                b4 = Vector.FusedMultiplyAdd(b, Vector.Load(x + (9 * v)), b4);
            }

            if (T.Columns >= 7)
            {
                a5 = Vector.FusedMultiplyAdd(a, Vector.Load(x + (10 * v)), a5);
                b5 = Vector.FusedMultiplyAdd(b, Vector.Load(x + (11 * v)), b5);
                a6 = Vector.FusedMultiplyAdd(a, Vector.Load(x + (12 * v)), a6);
                b6 = Vector.FusedMultiplyAdd(b, Vector.Load(x + (13 * v)), b6);
            }
        }

        Store<T>(a0, b0, sums, 0);
        Store<T>(a1, b1, sums, 1);
        Store<T>(a2, b2, sums, 2);
        Store<T>(a3, b3, sums, 3);
        Store<T>(a4, b4, sums, 4);
        Store<T>(a5, b5, sums, 5);
        Store<T>(a6, b6, sums, 6);
        return T.Columns;
    }

    // Loads the sums of a column; zero if the block does not have it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float> Low, Vector<float> High) Load<T>(float* sums, int column)
        where T : struct, IBlock
    {
        var from = sums + (2 * column * Vector<float>.Count);
        return column < T.Columns ? (Vector.Load(from), Vector.Load(from + Vector<float>.Count)) : default;
    }

    // Stores the sums of a column if the block has it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(Vector<float> low, Vector<float> high, float* sums, int column)
        where T : struct, IBlock
    {
        if (column < T.Columns)
        {
            low.Store(sums + (2 * column * Vector<float>.Count));
            high.Store(sums + (((2 * column) + 1) * Vector<float>.Count));
        }
    }

    // A number of kernel columns that are added together, as a type, so that it is a constant for the JIT.
    private interface IBlock
    {
        static abstract int Columns { get; }
    }

    private readonly struct One : IBlock
    {
        public static int Columns => 1;
    }

    private readonly struct Three : IBlock
    {
        public static int Columns => 3;
    }

    private readonly struct Five : IBlock
    {
        public static int Columns => 5;
    }

    private readonly struct Seven : IBlock
    {
        public static int Columns => 7;
    }

    // Scratch memory of one thread: a row of the gradient, and one padded input row for each kernel row.
    private sealed class Scratch : IDisposable
    {
        private readonly float* _memory;
        private readonly int _rows;
        private readonly int _length;

        public Scratch(DepthwiseShape shape)
        {
            _rows = shape.Kernel.Rows;
            _length = (Math.Max(shape.In.Columns + shape.Padding.Columns, ((shape.Out.Columns - 1) * shape.Stride) + shape.Kernel.Columns)) * Lanes;
            var bytes = (nuint)((((long)_rows * _length) + ((long)shape.Out.Columns * Lanes)) * sizeof(float));
            _memory = (float*)NativeMemory.AlignedAlloc(bytes, 64);
            NativeMemory.Clear(_memory, bytes);
            Gradient = _memory + ((long)_rows * _length);
        }

        public float* Gradient { get; }

        public float* Row(int number) => _memory + ((long)(number % _rows) * _length);

        public void Dispose() => NativeMemory.AlignedFree(_memory);
    }
}
