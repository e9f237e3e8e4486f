using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SketchFlow.Imaging.Augmentation;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Moves 8-bit pixels by an affine map with bilinear interpolation in fixed point: positions to 1/65536, shares to 1/2048 of a pixel.</summary>
/// <remarks>
/// In place of cv::warpAffine, which takes three times as long for a sketch of 224 pixels. A frame of the fill's level around the source
/// stands for everything outside, so that the inner loop asks no questions; what lies wholly outside of a row is filled at once.
/// The plain and the vectorised loop give the same bytes, and grey gives those of three equal channels.
/// </remarks>
internal static class BilinearWarp
{
    // Positions are 16.16 in 32 bits.
    private const int LargestSide = 16_000;

    // Rows start exactly from 32.32 at every so many pixels, so that the step's rounding does not add up.
    private const int Block = 8;

    /// <summary>Whether the fixed point carries this map of this image.</summary>
    /// <param name="width">Columns of the source.</param>
    /// <param name="height">Rows of the source.</param>
    /// <param name="back">The map from the output to the source.</param>
    public static bool CanRepresent(int width, int height, AffineMap back) =>
        width <= LargestSide && height <= LargestSide && Small(back.Xx) && Small(back.Xy) && Small(back.Yx) && Small(back.Yy) && double.IsFinite(back.X0 + back.Y0);

    /// <summary>The map the other way; not finite where there is none.</summary>
    public static AffineMap Inverse(AffineMap m)
    {
        var determinant = (m.Xx * m.Yy) - (m.Xy * m.Yx);
        var (xx, xy, yx, yy) = (m.Yy / determinant, -m.Xy / determinant, -m.Yx / determinant, m.Xx / determinant);
        return new(xx, xy, -((xx * m.X0) + (xy * m.Y0)), yx, yy, -((yx * m.X0) + (yy * m.Y0)));
    }

    /// <summary>Fills <paramref name="target"/>.</summary>
    /// <param name="source">Rows without padding.</param>
    /// <param name="width">Columns of the source.</param>
    /// <param name="height">Rows of the source.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="target">Receives the output, of <paramref name="size"/>.</param>
    /// <param name="size">Size of the output.</param>
    /// <param name="back">The map from the output to the source.</param>
    /// <param name="fill">Level of what comes in from outside.</param>
    /// <param name="vectorised">False takes the plain loop, for tests.</param>
    public static void Run(
        ReadOnlySpan<byte> source, int width, int height, int channels, Span<byte> target, ImageSize size, AffineMap back, byte fill, bool vectorised = true)
    {
        // One pixel of frame before, two after, and room for the four bytes that are read for one.
        var stride = (width + 3) * channels;
        var framed = ArrayPool<byte>.Shared.Rent((stride * (height + 3)) + 8);
        try
        {
            Frame(source, width, height, channels, framed, stride, fill);
            var map = new Rows(back, width, height, stride, channels);
            for (var y = 0; y < size.Height; y++)
            {
                var row = target.Slice(y * size.Width * channels, size.Width * channels);
                var (from, to) = map.Inside(y, size.Width);
                row[..(from * channels)].Fill(fill);
                row[(to * channels)..].Fill(fill);
                if (from >= to)
                {
                    continue;
                }

                var done = from;
                if (vectorised && Avx2.IsSupported)
                {
                    done = channels == 1 ? map.GreyVectors(framed, row, y, from, to) : map.ColourVectors(framed, row, y, from, to);
                }

                map.Plain(framed, row, y, from, done, to);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(framed);
        }
    }

    private static bool Small(double step) => Math.Abs(step) <= 1000;

    private static void Frame(ReadOnlySpan<byte> source, int width, int height, int channels, Span<byte> framed, int stride, byte fill)
    {
        framed[..stride].Fill(fill);
        framed.Slice(stride * (height + 1), (2 * stride) + 8).Fill(fill);
        for (var y = 0; y < height; y++)
        {
            var row = framed.Slice(stride * (y + 1), stride);
            row[..channels].Fill(fill);
            source.Slice(y * width * channels, width * channels).CopyTo(row[channels..]);
            row[((width + 1) * channels)..].Fill(fill);
        }
    }

    /// <summary>The positions of a row's pixels in the framed source, whose pixel (-1, -1) is its first.</summary>
    private readonly struct Rows(AffineMap back, int width, int height, int stride, int channels)
    {
        private const double One = 4294967296;

        private readonly long _stepX = (long)Math.Round(back.Xx * One);
        private readonly long _stepY = (long)Math.Round(back.Yx * One);
        private readonly int _lastX = (width + 1) << 16;
        private readonly int _lastY = (height + 1) << 16;

        /// <summary>The columns of row <paramref name="y"/> that see any of the source or its frame; the others are fill.</summary>
        public (int From, int To) Inside(int y, int columns)
        {
            var (from, to) = (0.0, (double)columns);
            Bound((back.Xy * y) + back.X0, back.Xx, width, ref from, ref to);
            Bound((back.Yy * y) + back.Y0, back.Yx, height, ref from, ref to);
            return from >= to ? (0, 0) : ((int)from, (int)Math.Min(to, columns));
        }

        // start + step × i must lie in -1 to length; a column more on either side does no harm, since positions are held within the frame.
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
        private (long X, long Y) Start(int y, int from) => (
            (long)Math.Round(((back.Xx * from) + (back.Xy * y) + back.X0 + 1) * One),
            (long)Math.Round(((back.Yx * from) + (back.Yy * y) + back.Y0 + 1) * One));

        public void Plain(ReadOnlySpan<byte> framed, Span<byte> row, int y, int from, int done, int to)
        {
            var (startX, startY) = Start(y, from);
            var (stepX, stepY) = ((int)(_stepX >> 16), (int)(_stepY >> 16));
            for (var x = done; x < to; x++)
            {
                var block = (x - from) / Block * Block;
                var within = x - from - block;
                var px = Math.Clamp((int)((startX + (block * _stepX)) >> 16) + (within * stepX), 0, _lastX);
                var py = Math.Clamp((int)((startY + (block * _stepY)) >> 16) + (within * stepY), 0, _lastY);
                var (right, down) = ((px & 0xFFFF) >> 5, (py & 0xFFFF) >> 5);
                var at = ((py >> 16) * stride) + ((px >> 16) * channels);
                for (var c = 0; c < channels; c++)
                {
                    var above = (framed[at + c] * (2048 - right)) + (framed[at + channels + c] * right);
                    var below = (framed[at + stride + c] * (2048 - right)) + (framed[at + stride + channels + c] * right);
                    row[(x * channels) + c] = (byte)(((above * (2048 - down)) + (below * down) + (1 << 21)) >> 22);
                }
            }
        }

        /// <summary>Eight pixels at a time; the rest is left. Returns where it stopped.</summary>
        public unsafe int GreyVectors(byte[] framed, Span<byte> row, int y, int from, int to)
        {
            var x = from;
            var (startX, startY) = Start(y, from);
            var (ramp, limitX, limitY) = (Vector256<int>.Indices, Vector256.Create(_lastX), Vector256.Create(_lastY));
            var (rampX, rampY) = (ramp * (int)(_stepX >> 16), ramp * (int)(_stepY >> 16));
            var (strides, bytes) = (Vector256.Create(stride), Vector256.Create(0x00FF00FF));
            // From a dword of four bytes the first two, each to 16 bits.
            var widen = Vector256.Create((byte)0, 255, 1, 255, 4, 255, 5, 255, 8, 255, 9, 255, 12, 255, 13, 255, 0, 255, 1, 255, 4, 255, 5, 255, 8, 255, 9, 255, 12, 255, 13, 255);
            fixed (byte* image = framed)
            {
                ref var target = ref MemoryMarshal.GetReference(row);
                for (; x + Block <= to; x += Block, startX += Block * _stepX, startY += Block * _stepY)
                {
                    var (px, py) = Positions(startX, startY, rampX, rampY, limitX, limitY);
                    var at = ((py >>> 16) * strides) + (px >>> 16);
                    var above = Avx2.Shuffle(Avx2.GatherVector256((int*)image, at, 1).AsByte(), widen).AsInt16();
                    var below = Avx2.Shuffle(Avx2.GatherVector256((int*)(image + stride), at, 1).AsByte(), widen).AsInt16();
                    var levels = Interpolate(above, below, Shares(px), (py & Vector256.Create(0xFFFF)) >>> 5);
                    var words = Vector256.Narrow(levels.AsUInt32(), levels.AsUInt32());
                    Vector128.Narrow(words.GetLower(), words.GetLower()).GetLower().StoreUnsafe(ref target, (nuint)x);
                }
            }

            return x;
        }

        /// <summary>The same for three channels.</summary>
        public unsafe int ColourVectors(byte[] framed, Span<byte> row, int y, int from, int to)
        {
            var x = from;
            var (startX, startY) = Start(y, from);
            var (ramp, limitX, limitY) = (Vector256<int>.Indices, Vector256.Create(_lastX), Vector256.Create(_lastY));
            var (rampX, rampY) = (ramp * (int)(_stepX >> 16), ramp * (int)(_stepY >> 16));
            var (strides, low) = (Vector256.Create(stride), Vector256.Create(0xFF));
            fixed (byte* image = framed)
            {
                // The last pixels of a row are left to the plain loop: eight of them are written as 28 bytes.
                for (; x + Block + 2 <= to; x += Block, startX += Block * _stepX, startY += Block * _stepY)
                {
                    var (px, py) = Positions(startX, startY, rampX, rampY, limitX, limitY);
                    var column = px >>> 16;
                    var at = ((py >>> 16) * strides) + column + column + column;
                    var (right, down) = (Shares(px), (py & Vector256.Create(0xFFFF)) >>> 5);
                    var (a, b) = (Avx2.GatherVector256((int*)image, at, 1), Avx2.GatherVector256((int*)(image + 3), at, 1));
                    var (c, d) = (Avx2.GatherVector256((int*)(image + stride), at, 1), Avx2.GatherVector256((int*)(image + stride + 3), at, 1));
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

        // The shares of the left and the right pixel in one dword: 2048 - r in the low word, r in the high.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<short> Shares(Vector256<int> px)
        {
            var right = (px & Vector256.Create(0xFFFF)) >>> 5;
            return ((right << 16) | (Vector256.Create(2048) - right)).AsInt16();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<int> Interpolate(Vector256<short> above, Vector256<short> below, Vector256<short> shares, Vector256<int> down)
        {
            var top = Avx2.MultiplyAddAdjacent(above, shares);
            var bottom = Avx2.MultiplyAddAdjacent(below, shares);

            // top (2048 - d) + bottom d, with one multiplication.
            return ((top << 11) + ((bottom - top) * down) + Vector256.Create(1 << 21)) >> 22;
        }
    }
}
