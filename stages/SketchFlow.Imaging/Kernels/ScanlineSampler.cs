using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Samples the rows (scanlines) of a warped image from its framed source, whose first pixel has the coordinates (-1, -1).</summary>
/// <param name="inverse">The map from the output to the source.</param>
/// <param name="width">Number of columns of the source without its frame.</param>
/// <param name="height">Number of rows of the source without its frame.</param>
/// <param name="channels">1 or 3.</param>
internal readonly struct ScanlineSampler(AffineMap inverse, int width, int height, int channels)
{
    // Row starts are 32.32 fixed point.
    private const double One = 4294967296;

    // Positions restart from the exact 32.32 value every eight pixels, so that the rounding of the step does not accumulate.
    private const int Block = 8;

    // Bytes per row of the framed source: one pixel of frame before, two after.
    private readonly int _stride = (width + 3) * channels;
    private readonly long _stepX = (long)Math.Round(inverse.Xx * One);
    private readonly long _stepY = (long)Math.Round(inverse.Yx * One);
    private readonly int _lastX = (width + 1) << 16;
    private readonly int _lastY = (height + 1) << 16;

    /// <summary>Returns the range of columns of row <paramref name="y"/> that read the source or its frame; the others are fill.</summary>
    public (int From, int To) Inside(int y, int columns)
    {
        var (from, to) = (0.0, (double)columns);
        Bound((inverse.Xy * y) + inverse.X0, inverse.Xx, width, ref from, ref to);
        Bound((inverse.Yy * y) + inverse.Y0, inverse.Yx, height, ref from, ref to);
        return from >= to ? (0, 0) : ((int)from, (int)Math.Min(to, columns));
    }

    // start + step × i must be within -1 to length; one column more on either side does no harm, since positions are clamped to the frame.
    private static void Bound(double start, double step, int length, ref double from, ref double to)
    {
        if (Math.Abs(step) < 1e-9)
        {
            to = start > -1.001 && start < length + 0.001 ? to : 0;
            return;
        }

        var (a, b) = ((-1 - start) / step, (length - start) / step);
        from = Math.Max(from, Math.Floor(Math.Min(a, b)));
        to = Math.Min(to, Math.Ceiling(Math.Max(a, b)) + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (long X, long Y) StartOf(int y, int from) => (
        (long)Math.Round(((inverse.Xx * from) + (inverse.Xy * y) + inverse.X0 + 1) * One),
        (long)Math.Round(((inverse.Yx * from) + (inverse.Yy * y) + inverse.Y0 + 1) * One));

    /// <summary>Samples the columns from <paramref name="done"/> to <paramref name="to"/> one by one.</summary>
    public void SampleScalar(ReadOnlySpan<byte> framed, Span<byte> row, int y, int from, int done, int to)
    {
        var (startX, startY) = StartOf(y, from);
        var (stepX, stepY) = ((int)(_stepX >> 16), (int)(_stepY >> 16));
        for (var x = done; x < to; x++)
        {
            var block = (x - from) / Block * Block;
            var within = x - from - block;
            var px = Math.Clamp((int)((startX + (block * _stepX)) >> 16) + (within * stepX), 0, _lastX);
            var py = Math.Clamp((int)((startY + (block * _stepY)) >> 16) + (within * stepY), 0, _lastY);
            var (right, down) = ((px & 0xFFFF) >> 5, (py & 0xFFFF) >> 5);
            var at = ((py >> 16) * _stride) + ((px >> 16) * channels);
            for (var c = 0; c < channels; c++)
            {
                var above = (framed[at + c] * (2048 - right)) + (framed[at + channels + c] * right);
                var below = (framed[at + _stride + c] * (2048 - right)) + (framed[at + _stride + channels + c] * right);
                row[(x * channels) + c] = (byte)(((above * (2048 - down)) + (below * down) + (1 << 21)) >> 22);
            }
        }
    }

    /// <summary>Samples eight grey pixels at a time.</summary>
    /// <returns>The first column that was not sampled.</returns>
    public unsafe int SampleGrey(byte[] framed, Span<byte> row, int y, int from, int to)
    {
        var x = from;
        var (startX, startY) = StartOf(y, from);
        var (ramp, limitX, limitY) = (Vector256<int>.Indices, Vector256.Create(_lastX), Vector256.Create(_lastY));
        var (rampX, rampY) = (ramp * (int)(_stepX >> 16), ramp * (int)(_stepY >> 16));
        var strides = Vector256.Create(_stride);

        // Widens the first two of each dword's four bytes to 16 bits.
        var widen = Vector256.Create(
            (byte)0, 255, 1, 255, 4, 255, 5, 255, 8, 255, 9, 255, 12, 255, 13, 255, 0, 255, 1, 255, 4, 255, 5, 255, 8, 255, 9, 255, 12, 255, 13, 255);
        fixed (byte* image = framed)
        {
            ref var target = ref MemoryMarshal.GetReference(row);
            for (; x + Block <= to; x += Block, startX += Block * _stepX, startY += Block * _stepY)
            {
                var (px, py) = Positions(startX, startY, rampX, rampY, limitX, limitY);
                var at = ((py >>> 16) * strides) + (px >>> 16);
                var above = Avx2.Shuffle(Avx2.GatherVector256((int*)image, at, 1).AsByte(), widen).AsInt16();
                var below = Avx2.Shuffle(Avx2.GatherVector256((int*)(image + _stride), at, 1).AsByte(), widen).AsInt16();
                var levels = Interpolate(above, below, Weights(px), (py & Vector256.Create(0xFFFF)) >>> 5);
                var words = Vector256.Narrow(levels.AsUInt32(), levels.AsUInt32());
                Vector128.Narrow(words.GetLower(), words.GetLower()).GetLower().StoreUnsafe(ref target, (nuint)x);
            }
        }

        return x;
    }

    /// <summary>Samples eight pixels of three channels at a time.</summary>
    /// <returns>The first column that was not sampled.</returns>
    public unsafe int SampleColour(byte[] framed, Span<byte> row, int y, int from, int to)
    {
        var x = from;
        var (startX, startY) = StartOf(y, from);
        var (ramp, limitX, limitY) = (Vector256<int>.Indices, Vector256.Create(_lastX), Vector256.Create(_lastY));
        var (rampX, rampY) = (ramp * (int)(_stepX >> 16), ramp * (int)(_stepY >> 16));
        var (strides, low) = (Vector256.Create(_stride), Vector256.Create(0xFF));
        fixed (byte* image = framed)
        {
            // The last pixels of a row are left to the scalar loop, because eight pixels are written as 28 bytes.
            for (; x + Block + 2 <= to; x += Block, startX += Block * _stepX, startY += Block * _stepY)
            {
                var (px, py) = Positions(startX, startY, rampX, rampY, limitX, limitY);
                var column = px >>> 16;
                var at = ((py >>> 16) * strides) + column + column + column;
                var (right, down) = (Weights(px), (py & Vector256.Create(0xFFFF)) >>> 5);
                var (a, b) = (Avx2.GatherVector256((int*)image, at, 1), Avx2.GatherVector256((int*)(image + 3), at, 1));
                var (c, d) = (Avx2.GatherVector256((int*)(image + _stride), at, 1), Avx2.GatherVector256((int*)(image + _stride + 3), at, 1));
                var packed = Interpolate(((a & low) | ((b & low) << 16)).AsInt16(), ((c & low) | ((d & low) << 16)).AsInt16(), right, down);
                (a, b, c, d) = (a >>> 8, b >>> 8, c >>> 8, d >>> 8);
                packed |= Interpolate(((a & low) | ((b & low) << 16)).AsInt16(), ((c & low) | ((d & low) << 16)).AsInt16(), right, down) << 8;
                (a, b, c, d) = (a >>> 8, b >>> 8, c >>> 8, d >>> 8);
                packed |= Interpolate(((a & low) | ((b & low) << 16)).AsInt16(), ((c & low) | ((d & low) << 16)).AsInt16(), right, down) << 16;
                var tight = Avx2.Shuffle(packed.AsByte(), Tight);
                tight.GetLower().StoreUnsafe(ref MemoryMarshal.GetReference(row), (nuint)(x * 3));
                tight.GetUpper().StoreUnsafe(ref MemoryMarshal.GetReference(row), (nuint)((x * 3) + 12));
            }
        }

        return x;
    }

    private static Vector256<byte> Tight => Vector256.Create(
        (byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<int> X, Vector256<int> Y) Positions(
        long startX, long startY, Vector256<int> rampX, Vector256<int> rampY, Vector256<int> limitX, Vector256<int> limitY) => (
        Vector256.Min(Vector256.Max(Vector256.Create((int)(startX >> 16)) + rampX, Vector256<int>.Zero), limitX),
        Vector256.Min(Vector256.Max(Vector256.Create((int)(startY >> 16)) + rampY, Vector256<int>.Zero), limitY));

    // Weights of the left and the right pixel in one dword: 2048 - r in the low word, r in the high.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Weights(Vector256<int> px)
    {
        var right = (px & Vector256.Create(0xFFFF)) >>> 5;
        return ((right << 16) | (Vector256.Create(2048) - right)).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Interpolate(Vector256<short> above, Vector256<short> below, Vector256<short> weights, Vector256<int> down)
    {
        var top = Avx2.MultiplyAddAdjacent(above, weights);
        var bottom = Avx2.MultiplyAddAdjacent(below, weights);

        // top (2048 - d) + bottom d with one multiplication.
        return ((top << 11) + ((bottom - top) * down) + Vector256.Create(1 << 21)) >> 22;
    }
}
