using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SketchFlow.Imaging.Decoding.Png;

/// <summary>Undoes the filters of PNG rows (PNG specification, section 9).</summary>
internal static class PngFilter
{
    /// <summary>Restores a row in place.</summary>
    /// <param name="filter">Filter byte of the row.</param>
    /// <param name="row">Filtered bytes, which become the row's.</param>
    /// <param name="above">Restored row above; zeros above the first.</param>
    /// <param name="distance">Bytes per pixel.</param>
    /// <returns>False where there is no such filter.</returns>
    public static bool Undo(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        switch (filter)
        {
            case 0:
                return true;
            case 1:
                Left(row, distance);
                return true;
            case 2:
                Above(row, above);
                return true;
            case 3:
                Mean(row, above, distance);
                return true;
            case 4 when distance is 3 or 4 && Vector128.IsHardwareAccelerated:
                PaethColour(row, above, distance);
                return true;
            case 4:
                Paeth(row, above, distance);
                return true;
            default:
                return false;
        }
    }

    private static void Left(Span<byte> row, int distance)
    {
        if (distance == 1)
        {
            byte level = 0;
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = level += row[i];
            }

            return;
        }

        for (var i = distance; i < row.Length; i++)
        {
            row[i] += row[i - distance];
        }
    }

    private static void Above(Span<byte> row, ReadOnlySpan<byte> above)
    {
        var i = 0;
        ref var target = ref MemoryMarshal.GetReference(row);
        ref var source = ref MemoryMarshal.GetReference(above);
        for (; i + Vector256<byte>.Count <= row.Length; i += Vector256<byte>.Count)
        {
            (Vector256.LoadUnsafe(ref target, (nuint)i) + Vector256.LoadUnsafe(ref source, (nuint)i)).StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < row.Length; i++)
        {
            row[i] += above[i];
        }
    }

    private static void Mean(Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        var first = Math.Min(distance, row.Length);
        for (var i = 0; i < first; i++)
        {
            row[i] += (byte)(above[i] >> 1);
        }

        above = above[..row.Length];
        for (var i = distance; i < row.Length; i++)
        {
            row[i] += (byte)((row[i - distance] + above[i]) >> 1);
        }
    }

    private static void Paeth(Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        var first = Math.Min(distance, row.Length);
        for (var i = 0; i < first; i++)
        {
            row[i] += above[i];
        }

        above = above[..row.Length];
        for (var i = distance; i < row.Length; i++)
        {
            int left = row[i - distance], up = above[i], corner = above[i - distance];
            var (a, b) = (up - corner, left - corner);
            var c = Math.Abs(a + b);
            (a, b) = (Math.Abs(a), Math.Abs(b));
            row[i] += (byte)(a <= b && a <= c ? left : b <= c ? up : corner);
        }
    }

    // The samples of one pixel at a time, as 16-bit lanes.
    private static void PaethColour(Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        var (left, corner) = (Vector128<short>.Zero, Vector128<short>.Zero);
        for (var i = 0; i < row.Length; i += distance)
        {
            var up = Load(above, i, distance);
            var (a, b) = (up - corner, left - corner);
            var c = Vector128.Abs(a + b);
            (a, b) = (Vector128.Abs(a), Vector128.Abs(b));
            var least = Vector128.Min(c, Vector128.Min(a, b));
            var nearest = Vector128.ConditionalSelect(
                Vector128.Equals(least, a), left, Vector128.ConditionalSelect(Vector128.Equals(least, b), up, corner));
            left = (Load(row, i, distance) + nearest) & Vector128.Create((short)0xFF);
            corner = up;
            var packed = Vector128.Narrow(left.AsUInt16(), left.AsUInt16()).AsUInt32().ToScalar();
            if (i + 4 <= row.Length)
            {
                // Where a pixel has three bytes, the fourth belongs to the next pixel and is kept.
                ref var target = ref row[i];
                Unsafe.WriteUnaligned(ref target, distance == 4 ? packed : (packed & 0xFFFFFF) | (Unsafe.ReadUnaligned<uint>(ref target) & 0xFF000000));
            }
            else
            {
                (row[i], row[i + 1], row[i + 2]) = ((byte)packed, (byte)(packed >> 8), (byte)(packed >> 16));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Load(ReadOnlySpan<byte> bytes, int at, int distance)
    {
        var four = at + 4 <= bytes.Length
            ? MemoryMarshal.Read<uint>(bytes[at..])
            : (uint)(bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16));
        return Vector128.WidenLower(Vector128.CreateScalar(distance == 4 ? four : four & 0xFFFFFF).AsByte()).AsInt16();
    }
}
