using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Lookup tables of 256 levels: makes them, composes them and applies them to images.</summary>
public static class LookupTables
{
    /// <summary>Tabulates a formula: rounded half to even and clamped to 0-255.</summary>
    internal static byte[] FromFormula(Func<int, double> level)
    {
        var table = new byte[256];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = (byte)Math.Clamp(Math.Round(level(i)), 0, 255);
        }

        return table;
    }

    /// <summary>Returns a table that inverts each level: 255 - level.</summary>
    public static byte[] Invert() => FromFormula(v => 255 - v);

    /// <summary>Returns a table that keeps the highest <paramref name="bits"/> of each level (PIL's posterize).</summary>
    public static byte[] Posterize(int bits) => FromFormula(v => v & (0xFF << (8 - bits)));

    /// <summary>Returns a table that inverts the levels at or above <paramref name="threshold"/> (PIL's solarize).</summary>
    public static byte[] Solarize(double threshold) => FromFormula(v => v < threshold ? v : 255 - v);

    /// <summary>Tabulates level × (1 + contrast) + 255 × brightness in single precision, clamped to 0-255 and truncated as in albumentations.</summary>
    public static byte[] BrightnessContrast(double brightness, double contrast)
    {
        var (alpha, beta, table) = ((float)(1 + contrast), (float)(255 * brightness), new byte[256]);
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = (byte)Math.Clamp((i * alpha) + beta, 0F, 255F);
        }

        return table;
    }

    /// <summary>Composes two tables into one; <paramref name="first"/> is applied first.</summary>
    internal static byte[] Compose(byte[] first, byte[] second)
    {
        var table = new byte[256];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = second[first[i]];
        }

        return table;
    }

    /// <summary>Maps every byte of an image through a table of 256 entries.</summary>
    public static Pixels Apply(Pixels input, byte[] table)
    {
        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        Apply(input.Bytes, output.Bytes, table);
        return output;
    }

    /// <summary>Maps every byte between two buffers of one length, which may be the same buffer.</summary>
    /// <remarks>
    /// The table fits four registers: 64 look-ups are two permutations and a selection by the top bit, whereas OpenCV's LUT works byte by byte.
    /// </remarks>
    internal static void Apply(ReadOnlySpan<byte> source, Span<byte> target, byte[] table)
    {
        if (table.Length != 256 || target.Length < source.Length)
        {
            throw new ArgumentException(
                $"expected a table of 256 levels and a target of at least {source.Length} bytes, got {table.Length} levels and {target.Length} bytes",
                nameof(table));
        }

        var i = 0;
        if (Avx512Vbmi.IsSupported)
        {
            ref var levels = ref MemoryMarshal.GetArrayDataReference(table);
            var (a, b) = (Vector512.LoadUnsafe(ref levels), Vector512.LoadUnsafe(ref levels, 64));
            var (c, d) = (Vector512.LoadUnsafe(ref levels, 128), Vector512.LoadUnsafe(ref levels, 192));
            ref var from = ref MemoryMarshal.GetReference(source);
            ref var to = ref MemoryMarshal.GetReference(target);
            for (; i + 64 <= source.Length; i += 64)
            {
                var level = Vector512.LoadUnsafe(ref from, (nuint)i);
                var low = Avx512Vbmi.PermuteVar64x8x2(a, level, b);
                var high = Avx512Vbmi.PermuteVar64x8x2(c, level, d);
                var upper = Vector512.LessThan(level.AsSByte(), Vector512<sbyte>.Zero).AsByte();
                Vector512.ConditionalSelect(upper, high, low).StoreUnsafe(ref to, (nuint)i);
            }
        }

        for (; i < source.Length; i++)
        {
            target[i] = table[source[i]];
        }
    }
}
