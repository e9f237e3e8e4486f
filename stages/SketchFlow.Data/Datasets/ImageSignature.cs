using System.Buffers.Binary;
using SketchFlow.Data.Files;

namespace SketchFlow.Data.Datasets;

/// <summary>Recognises images by their first bytes, for files whose names do not tell.</summary>
internal static class ImageSignature
{
    private const int Length = 18;

    // Sizes of the headers of BMP versions; two letters alone would be the start of many texts.
    private static readonly uint[] _bmpHeaders = [12, 40, 52, 56, 64, 108, 124];

    /// <summary>Returns true for a file that starts as an image in a format that is read here.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be read.</exception>
    public static bool IsImage(FileInfo file)
    {
        if (FileLength.Of(file.FullName) < Length)
        {
            return false;
        }

        Span<byte> start = stackalloc byte[Length];
        using var handle = File.OpenHandle(file.FullName);
        return RandomAccess.Read(handle, start, 0) == Length && IsImage(start);
    }

    private static bool IsImage(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
        || start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A])
        || start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8)
        || (start.StartsWith("RIFF"u8) && start[8..].StartsWith("WEBP"u8))
        || start.StartsWith("II*\0"u8) || start.StartsWith("MM\0*"u8)
        || (start.StartsWith("BM"u8) && _bmpHeaders.Contains(BinaryPrimitives.ReadUInt32LittleEndian(start[14..])));
}
