using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    /// <summary>Maps every byte through a table of 256 entries.</summary>
    public static Pixels Map(Pixels input, byte[] table)
    {
        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        Map(input.Bytes, output.Bytes, table);
        return output;
    }

    /// <summary>The same between buffers of one length, which may be one buffer.</summary>
    /// <remarks>The table fits four registers: 64 look-ups are two permutations and a choice by the top bit, where OpenCV's LUT goes byte by byte.</remarks>
    internal static void Map(ReadOnlySpan<byte> source, Span<byte> target, byte[] table)
    {
        if (table.Length != 256 || target.Length < source.Length)
        {
            throw new ArgumentException($"A table of 256 levels and {source.Length} bytes of room are needed; {table.Length} and {target.Length} were given.", nameof(table));
        }

        var i = 0;
        if (Avx512Vbmi.IsSupported)
        {
            ref var levels = ref MemoryMarshal.GetArrayDataReference(table);
            var (a, b, c, d) = (Vector512.LoadUnsafe(ref levels), Vector512.LoadUnsafe(ref levels, 64), Vector512.LoadUnsafe(ref levels, 128), Vector512.LoadUnsafe(ref levels, 192));
            ref var from = ref MemoryMarshal.GetReference(source);
            ref var to = ref MemoryMarshal.GetReference(target);
            for (; i + 64 <= source.Length; i += 64)
            {
                var level = Vector512.LoadUnsafe(ref from, (nuint)i);
                var low = Avx512Vbmi.PermuteVar64x8x2(a, level, b);
                var high = Avx512Vbmi.PermuteVar64x8x2(c, level, d);
                Vector512.ConditionalSelect(Vector512.LessThan(level.AsSByte(), Vector512<sbyte>.Zero).AsByte(), high, low).StoreUnsafe(ref to, (nuint)i);
            }
        }

        for (; i < source.Length; i++)
        {
            target[i] = table[source[i]];
        }
    }
}
