using System.IO.Compression;

namespace SketchFlow.Imaging.Decoding.Codecs;

/// <summary>Expands the compressed bytes of a TIFF's strip or tile.</summary>
internal static class TiffExpansion
{
    /// <summary>Expands PackBits until the output is full or the data end.</summary>
    /// <returns>The number of bytes written.</returns>
    public static int PackBits(ReadOnlySpan<byte> data, Span<byte> output)
    {
        var (at, written) = (0, 0);
        while (at + 1 < data.Length && written < output.Length)
        {
            var count = (sbyte)data[at++];
            if (count >= 0)
            {
                var literal = Math.Min(Math.Min(count + 1, data.Length - at), output.Length - written);
                data.Slice(at, literal).CopyTo(output[written..]);
                (at, written) = (at + count + 1, written + literal);
            }
            else if (count != sbyte.MinValue)
            {
                var run = Math.Min(1 - count, output.Length - written);
                output.Slice(written, run).Fill(data[at++]);
                written += run;
            }
        }

        return written;
    }

    /// <summary>Expands zlib data until the output is full or the data end.</summary>
    /// <returns>The number of bytes written; 0 for damaged data.</returns>
    public static unsafe int Deflate(ReadOnlySpan<byte> data, Span<byte> output)
    {
        if (data.IsEmpty)
        {
            return 0;
        }

        fixed (byte* start = data)
        {
            using var source = new UnmanagedMemoryStream(start, data.Length);
            using var zlib = new ZLibStream(source, CompressionMode.Decompress);
            try
            {
                return zlib.ReadAtLeast(output, output.Length, throwOnEndOfStream: false);
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                return 0;
            }
        }
    }
}
