using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>What identifies a file's content without reading it, at one decoding scale.</summary>
internal readonly record struct GreyMark(long Length, long ChangedTicks, int Scale);

/// <summary>The memory of colour JPEGs whose pixels were all grey.</summary>
/// <remarks>
/// Exact: where blue, green and red are equal in every pixel they equal the luma. With Cr above 128 red exceeds Y, and green
/// can only follow when Cb is below, which takes blue the other way (and the same mirrored); only clipping at 0 and 255 lets a small Cb
/// pass unseen, and there the common value is Y again. The scale is part of the key because chroma is averaged with it.
/// </remarks>
public static partial class Decode
{
    // About 200 MB when full; far above any data set this program is for.
    private const int MostRemembered = 1 << 20;

    private static readonly ConcurrentDictionary<string, GreyMark> Remembered = new(StringComparer.Ordinal);

    /// <summary>True when the file will be decoded straight to one channel, for tests.</summary>
    internal static bool WasGrey(string file, GreyMark mark) => Remembered.TryGetValue(file, out var seen) && seen == mark;

    // A shard's pack holds many images: the place is part of the name.
    private static string KeyOf(Sample sample) => sample.Section is { } section ? $"{sample.File}@{section.Offset}" : sample.File;

    private static void Remember(string file, GreyMark mark)
    {
        // One scale a file is enough: a run uses one. Counting a concurrent dictionary locks it, but only colour files that turn out grey get here, once each.
        if (Remembered.Count < MostRemembered)
        {
            Remembered[file] = mark;
        }
    }
}

/// <summary>Whether interleaved blue, green, red bytes are grey.</summary>
internal static class Grey
{
    private static readonly byte[] Masks = MakeMasks();

    /// <summary>True when the three channels are equal in every pixel; stops at the first difference.</summary>
    /// <param name="bytes">Three bytes a pixel.</param>
    public static bool Is(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return true;
        }

        // Neighbours must be equal except from red to the next pixel's blue; three masks repeat every 3 vectors.
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
