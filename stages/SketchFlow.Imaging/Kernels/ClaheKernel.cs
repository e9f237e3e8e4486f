using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SketchFlow.Imaging.Kernels;

/// <summary>CLAHE of one channel: the bytes of OpenCV's 8-bit version (<c>modules/imgproc/src/clahe.cpp</c>) in about a seventh of its time.</summary>
/// <remarks>
/// All pixels between the centres of four tiles use the same four tables, so a row of such a cell is looked up in registers, 64 levels per
/// permutation (AVX-512 VBMI). The interpolation is OpenCV's single-precision arithmetic in the same order. An instance keeps its scratch memory, so
/// each thread has its own.
/// </remarks>
internal sealed class ClaheKernel
{
    private const int Levels = 256;

    [ThreadStatic]
    private static ClaheKernel? t_own;

    private readonly int[] _counts = new int[4 * Levels];
    private readonly byte[] _line = new byte[64];
    private byte[] _tables = [];
    private (float Weight, int First, int Second)[] _columns = [];
    private float[] _weights = [];

    /// <summary>The instance of the calling thread.</summary>
    public static ClaheKernel ForThisThread => t_own ??= new();

    /// <summary>Equalises in place.</summary>
    /// <param name="pixels">One channel, rows without padding.</param>
    /// <param name="size">Size of the image.</param>
    /// <param name="clipLimit">Largest slope; 0 or less does not clip.</param>
    /// <param name="tiles">Number of tiles per row and per column.</param>
    /// <param name="vectorised">False takes the scalar loops, for tests.</param>
    public void Run(Span<byte> pixels, ImageSize size, double clipLimit, (int X, int Y) tiles, bool vectorised = true)
    {
        var grid = TileGrid.Create(size, tiles);
        if (_tables.Length < grid.TilesX * grid.TilesY * Levels)
        {
            _tables = new byte[grid.TilesX * grid.TilesY * Levels];
        }

        for (var ty = 0; ty < grid.TilesY; ty++)
        {
            for (var tx = 0; tx < grid.TilesX; tx++)
            {
                Count(pixels, grid, tx * grid.TileWidth, ty * grid.TileHeight);
                Tabulate(clipLimit, grid.TileWidth * grid.TileHeight, _tables.AsSpan(((ty * grid.TilesX) + tx) * Levels, Levels));
            }
        }

        Interpolate(pixels, grid, vectorised && Avx512Vbmi.IsSupported);
    }

    // Four histograms in turn: paper is a run of one level, and reading a counter right after writing it stalls.
    private void Count(ReadOnlySpan<byte> pixels, TileGrid grid, int left, int top)
    {
        var (width, height, tileWidth, tileHeight) = (grid.Width, grid.Height, grid.TileWidth, grid.TileHeight);
        Array.Clear(_counts);
        ref var counts = ref MemoryMarshal.GetArrayDataReference(_counts);
        var inside = Math.Clamp(width - left, 0, tileWidth);
        for (var y = top; y < top + tileHeight; y++)
        {
            var row = pixels.Slice(BorderReflection.Reflect101(y, height) * width, width);
            var x = 0;
            if (inside > 0)
            {
                var part = row.Slice(left, inside);
                for (; x + 8 <= inside; x += 8)
                {
                    var eight = MemoryMarshal.Read<ulong>(part[x..]);
                    Unsafe.Add(ref counts, (int)(byte)eight)++;
                    Unsafe.Add(ref counts, Levels + (byte)(eight >> 8))++;
                    Unsafe.Add(ref counts, (2 * Levels) + (byte)(eight >> 16))++;
                    Unsafe.Add(ref counts, (3 * Levels) + (byte)(eight >> 24))++;
                    Unsafe.Add(ref counts, (int)(byte)(eight >> 32))++;
                    Unsafe.Add(ref counts, Levels + (byte)(eight >> 40))++;
                    Unsafe.Add(ref counts, (2 * Levels) + (byte)(eight >> 48))++;
                    Unsafe.Add(ref counts, (3 * Levels) + (byte)(eight >> 56))++;
                }
            }

            for (; x < tileWidth; x++)
            {
                Unsafe.Add(ref counts, ((x & 3) * Levels) + row[BorderReflection.Reflect101(left + x, width)])++;
            }
        }
    }

    private void Tabulate(double clipLimit, int area, Span<byte> table)
    {
        var counts = _counts.AsSpan(0, Levels);
        for (var i = 0; i < Levels; i += Vector<int>.Count)
        {
            var sum = new Vector<int>(_counts, i) + new Vector<int>(_counts, Levels + i)
                + new Vector<int>(_counts, (2 * Levels) + i) + new Vector<int>(_counts, (3 * Levels) + i);
            sum.CopyTo(_counts, i);
        }

        if (clipLimit > 0)
        {
            Clip(counts, Math.Max((int)(clipLimit * area / Levels), 1));
        }

        var scale = (float)(Levels - 1) / area;
        var total = 0;
        for (var i = 0; i < Levels; i++)
        {
            counts[i] = total += counts[i];
        }

        // The total is at most the area, so no level exceeds 255.
        if (Vector256.IsHardwareAccelerated && Avx.IsSupported)
        {
            for (var i = 0; i < Levels; i += 8)
            {
                var level = Avx.ConvertToVector256Int32(Vector256.ConvertToSingle(Vector256.Create<int>(counts.Slice(i, 8))) * scale);
                level.CopyTo(counts.Slice(i, 8));
            }

            for (var i = 0; i < Levels; i++)
            {
                table[i] = (byte)counts[i];
            }

            return;
        }

        for (var i = 0; i < Levels; i++)
        {
            table[i] = (byte)MathF.Round(counts[i] * scale);
        }
    }

    // Distributes the counts above the limit over all levels; the remainder goes to levels at even distances.
    private static void Clip(Span<int> counts, int limit)
    {
        var excess = 0;
        foreach (ref var count in counts)
        {
            var over = Math.Max(count - limit, 0);
            excess += over;
            count -= over;
        }

        var (each, rest) = Math.DivRem(excess, Levels);
        foreach (ref var count in counts)
        {
            count += each;
        }

        var step = rest == 0 ? 0 : Math.Max(Levels / rest, 1);
        for (var i = 0; rest > 0 && i < Levels; i += step, rest--)
        {
            counts[i]++;
        }
    }

    // Interpolates between the tables of the four nearest tiles, cell by cell: a cell is a rectangle of pixels that have the same four tiles.
    private void Interpolate(Span<byte> pixels, TileGrid grid, bool vectorised)
    {
        BuildColumns(grid);
        var inverseY = 1F / grid.TileHeight;
        for (var y = 0; y < grid.Height;)
        {
            var (_, above, below) = Between((y * inverseY) - 0.5F, grid.TilesY);
            var end = y + 1;
            while (end < grid.Height && Between((end * inverseY) - 0.5F, grid.TilesY) is var next && next.First == above && next.Second == below)
            {
                end++;
            }

            var upper = _tables.AsSpan(above * grid.TilesX * Levels, grid.TilesX * Levels);
            var lower = _tables.AsSpan(below * grid.TilesX * Levels, grid.TilesX * Levels);
            for (var x = 0; x < grid.Width;)
            {
                var to = x + 1;
                while (to < grid.Width && _columns[to].First == _columns[x].First && _columns[to].Second == _columns[x].Second)
                {
                    to++;
                }

                if (vectorised)
                {
                    for (; x < to; x = Math.Min(x + 64, to))
                    {
                        InterpolateInRegisters(pixels, grid, new Cell(x, Math.Min(x + 64, to), y, end), upper, lower);
                    }
                }
                else
                {
                    InterpolateScalar(pixels, grid, new Cell(x, to, y, end), upper, lower);
                }

                x = to;
            }

            y = end;
        }
    }

    private void BuildColumns(TileGrid grid)
    {
        if (_columns.Length < grid.Width)
        {
            _columns = new (float, int, int)[grid.Width];
            _weights = new float[grid.Width + 64];
        }

        var inverse = 1F / grid.TileWidth;
        for (var x = 0; x < grid.Width; x++)
        {
            var (weight, first, second) = Between((x * inverse) - 0.5F, grid.TilesX);
            _columns[x] = (weight, first * Levels, second * Levels);
            _weights[x] = weight;
        }
    }

    // Returns the tiles before and after a position in units of tiles, and the weight of the latter.
    private static (float Weight, int First, int Second) Between(float at, int tiles)
    {
        var first = (int)MathF.Floor(at);
        return (at - first, Math.Max(first, 0), Math.Min(first + 1, tiles - 1));
    }

    private void InterpolateScalar(Span<byte> pixels, TileGrid grid, Cell cell, ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower)
    {
        var inverseY = 1F / grid.TileHeight;
        for (var y = cell.Top; y < cell.Bottom; y++)
        {
            var at = (y * inverseY) - 0.5F;
            var down = at - MathF.Floor(at);
            var up = 1F - down;
            var row = pixels.Slice(y * grid.Width, grid.Width);
            for (var x = cell.Left; x < cell.Right; x++)
            {
                var (weight, first, second) = _columns[x];
                var other = 1F - weight;
                var level = row[x];
                var above = (upper[first + level] * other) + (upper[second + level] * weight);
                var below = (lower[first + level] * other) + (lower[second + level] * weight);
                row[x] = (byte)MathF.Round((above * up) + (below * down));
            }
        }
    }

    // Up to 64 columns of one cell. The four tables of 256 bytes are loaded into 16 registers once per cell.
    private void InterpolateInRegisters(Span<byte> pixels, TileGrid grid, Cell cell, ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower)
    {
        var (width, left, count, inverseY) = (grid.Width, cell.Left, cell.Right - cell.Left, 1F / grid.TileHeight);
        var (_, first, second) = _columns[left];
        ref var a = ref MemoryMarshal.GetReference(upper[first..(first + Levels)]);
        ref var b = ref MemoryMarshal.GetReference(upper[second..(second + Levels)]);
        ref var c = ref MemoryMarshal.GetReference(lower[first..(first + Levels)]);
        ref var d = ref MemoryMarshal.GetReference(lower[second..(second + Levels)]);
        var (a0, a1) = (Vector512.LoadUnsafe(ref a), Vector512.LoadUnsafe(ref a, 64));
        var (a2, a3) = (Vector512.LoadUnsafe(ref a, 128), Vector512.LoadUnsafe(ref a, 192));
        var (b0, b1) = (Vector512.LoadUnsafe(ref b), Vector512.LoadUnsafe(ref b, 64));
        var (b2, b3) = (Vector512.LoadUnsafe(ref b, 128), Vector512.LoadUnsafe(ref b, 192));
        var (c0, c1) = (Vector512.LoadUnsafe(ref c), Vector512.LoadUnsafe(ref c, 64));
        var (c2, c3) = (Vector512.LoadUnsafe(ref c, 128), Vector512.LoadUnsafe(ref c, 192));
        var (d0, d1) = (Vector512.LoadUnsafe(ref d), Vector512.LoadUnsafe(ref d, 64));
        var (d2, d3) = (Vector512.LoadUnsafe(ref d, 128), Vector512.LoadUnsafe(ref d, 192));
        ref var weights = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_weights), left);
        ref var line = ref MemoryMarshal.GetArrayDataReference(_line);
        for (var y = cell.Top; y < cell.Bottom; y++)
        {
            var at = (y * inverseY) - 0.5F;
            var down = at - MathF.Floor(at);
            var (up, downs) = (Vector512.Create(1F - down), Vector512.Create(down));
            ref var row = ref MemoryMarshal.GetReference(pixels.Slice((y * width) + left, count));

            // Fewer than 64 bytes may remain in the image: the last cells go through a separate line.
            var direct = (y * width) + left + 64 <= pixels.Length;
            if (!direct)
            {
                pixels.Slice((y * width) + left, count).CopyTo(_line);
            }

            var level = direct ? Vector512.LoadUnsafe(ref row) : Vector512.LoadUnsafe(ref line);
            var high = Vector512.LessThan(level.AsSByte(), Vector512<sbyte>.Zero).AsByte();
            var va = Vector512.ConditionalSelect(high, Avx512Vbmi.PermuteVar64x8x2(a2, level, a3), Avx512Vbmi.PermuteVar64x8x2(a0, level, a1));
            var vb = Vector512.ConditionalSelect(high, Avx512Vbmi.PermuteVar64x8x2(b2, level, b3), Avx512Vbmi.PermuteVar64x8x2(b0, level, b1));
            var vc = Vector512.ConditionalSelect(high, Avx512Vbmi.PermuteVar64x8x2(c2, level, c3), Avx512Vbmi.PermuteVar64x8x2(c0, level, c1));
            var vd = Vector512.ConditionalSelect(high, Avx512Vbmi.PermuteVar64x8x2(d2, level, d3), Avx512Vbmi.PermuteVar64x8x2(d0, level, d1));
            var (al, bl, cl, dl) = (va.GetLower(), vb.GetLower(), vc.GetLower(), vd.GetLower());
            Mix(al.GetLower(), bl.GetLower(), cl.GetLower(), dl.GetLower(), ref weights, up, downs).StoreUnsafe(ref line);
            if (count > 16)
            {
                Mix(al.GetUpper(), bl.GetUpper(), cl.GetUpper(), dl.GetUpper(), ref Unsafe.Add(ref weights, 16), up, downs).StoreUnsafe(ref line, 16);
            }

            if (count > 32)
            {
                var (au, bu, cu, du) = (va.GetUpper(), vb.GetUpper(), vc.GetUpper(), vd.GetUpper());
                Mix(au.GetLower(), bu.GetLower(), cu.GetLower(), du.GetLower(), ref Unsafe.Add(ref weights, 32), up, downs).StoreUnsafe(ref line, 32);
                Mix(au.GetUpper(), bu.GetUpper(), cu.GetUpper(), du.GetUpper(), ref Unsafe.Add(ref weights, 48), up, downs).StoreUnsafe(ref line, 48);
            }

            _line.AsSpan(0, count).CopyTo(MemoryMarshal.CreateSpan(ref row, count));
        }
    }

    // Sixteen pixels, in OpenCV's order of operations. Seven parameters: registers of a method that is always inlined.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Mix(
        Vector128<byte> a, Vector128<byte> b, Vector128<byte> c, Vector128<byte> d, ref float weights, Vector512<float> up, Vector512<float> down)
    {
        var weight = Vector512.LoadUnsafe(ref weights);
        var other = Vector512.Create(1F) - weight;
        var above = (Wide(a) * other) + (Wide(b) * weight);
        var below = (Wide(c) * other) + (Wide(d) * weight);
        return Avx512F.ConvertToVector128Byte(Avx512F.ConvertToVector512Int32((above * up) + (below * down)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Wide(Vector128<byte> levels) => Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(levels));

    // The image's size, the number of tiles and the size of one tile.
    private readonly record struct TileGrid(int Width, int Height, int TilesX, int TilesY, int TileWidth, int TileHeight)
    {
        public static TileGrid Create(ImageSize size, (int X, int Y) tiles)
        {
            // Where the tiles do not divide both sides, OpenCV extends both by reflection, even a side that would have fitted.
            var fits = size.Width % tiles.X == 0 && size.Height % tiles.Y == 0;
            var (width, height) = (size.Width / tiles.X, size.Height / tiles.Y);
            return new(size.Width, size.Height, tiles.X, tiles.Y, fits ? width : width + 1, fits ? height : height + 1);
        }
    }

    private readonly record struct Cell(int Left, int Right, int Top, int Bottom);
}
