using SketchFlow.Data.Files;

namespace SketchFlow.Data.Datasets;

/// <summary>Recognises images by their first bytes, for files whose names do not tell.</summary>
internal static class ImageSignature
{
    // The longest signature of an image that is decoded here is BMP's, with the size of its second header.
    private const int Length = 18;

    /// <summary>Returns true for a file that starts as an image in a format that is decoded here.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be read.</exception>
    public static bool IsImage(string file)
    {
        if (FileLength.Find(file) is null or < Length)
        {
            return false;
        }

        Span<byte> start = stackalloc byte[Length];
        using var handle = File.OpenHandle(file);
        return RandomAccess.Read(handle, start, 0) == Length && FileSignatures.Find(start) is { IsDecodable: true };
    }
}
