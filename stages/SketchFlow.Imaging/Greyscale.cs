using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SketchFlow.Imaging;

/// <summary>Recognises grey images that are stored in three channels.</summary>
internal static class Greyscale
{
    private static readonly byte[] Masks = MakeMasks();

    /// <summary>Whether the three channels are equal in every pixel; stops at the first difference.</summary>
    /// <param name="bytes">Interleaved blue, green, red.</param>
    public static bool IsGrey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return true;
        }

        // Neighbouring bytes must be equal, except red and the next pixel's blue; the three masks repeat every 3 vectors.
        var i = 0;
        ref var start = ref MemoryMarshal.GetReference(bytes);
        if (Vector512.IsHardwareAccelerated)
        {
            ref var masks = ref MemoryMarshal.GetArrayDataReference(Masks);
            var (a, b, c) = (Vector512.LoadUnsafe(ref masks), Vector512.LoadUnsafe(ref masks, 64), Vector512.LoadUnsafe(ref masks, 128));
            for (; i + 193 <= bytes.Length; i += 192)
            {
                var difference = Difference512(ref start, i, a) | Difference512(ref start, i + 64, b) | Difference512(ref start, i + 128, c);
                if (difference != Vector512<byte>.Zero)
                {
                    return false;
                }
            }
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            ref var masks = ref MemoryMarshal.GetArrayDataReference(Masks);
            var (a, b, c) = (Vector256.LoadUnsafe(ref masks), Vector256.LoadUnsafe(ref masks, 32), Vector256.LoadUnsafe(ref masks, 64));
            for (; i + 97 <= bytes.Length; i += 96)
            {
                var difference = Difference256(ref start, i, a) | Difference256(ref start, i + 32, b) | Difference256(ref start, i + 64, c);
                if (difference != Vector256<byte>.Zero)
                {
                    return false;
                }
            }
        }

        for (; i + 2 < bytes.Length; i += 3)
        {
            if (bytes[i] != bytes[i + 1] || bytes[i + 1] != bytes[i + 2])
            {
                return false;
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Difference512(ref byte start, int at, Vector512<byte> mask) =>
        (Vector512.LoadUnsafe(ref start, (nuint)at) ^ Vector512.LoadUnsafe(ref start, (nuint)at + 1)) & mask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Difference256(ref byte start, int at, Vector256<byte> mask) =>
        (Vector256.LoadUnsafe(ref start, (nuint)at) ^ Vector256.LoadUnsafe(ref start, (nuint)at + 1)) & mask;

    private static byte[] MakeMasks()
    {
        var masks = new byte[192];
        for (var i = 0; i < masks.Length; i++)
        {
            masks[i] = i % 3 == 2 ? (byte)0 : byte.MaxValue;
        }

        return masks;
    }
}
