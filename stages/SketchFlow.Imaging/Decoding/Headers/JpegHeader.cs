using System.Buffers.Binary;

namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Reads the header of a JPEG file and checks that its entropy-coded data ends with the file.</summary>
/// <remarks>ITU T.81 annex B: segments up to the scan, then entropy-coded data in which only stuffed zeros and restart markers follow 0xFF.</remarks>
internal static class JpegHeader
{
    /// <summary>Reads the header; a damaged file gives a header with a fault.</summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        var header = ImageHeader.Broken(ImageFormat.Jpeg, "truncated JPEG");
        var orientation = 1;
        var (sized, scanned) = (false, false);
        var at = 2;
        while (TryReadMarker(file, ref at, out var marker))
        {
            if (marker is 0x00 or 0x01 or (>= 0xD0 and <= 0xD7))
            {
                continue;
            }

            if (marker == 0xD9)
            {
                return header with { Fault = scanned && sized ? null : "damaged JPEG: it ends before its scan" };
            }

            if (!TryReadSegment(file, ref at, out var body))
            {
                break;
            }

            if (IsFrame(marker) && !sized && body.Length >= 6)
            {
                header = Frame(body, orientation) with { Fault = header.Fault };
                sized = true;
                if (UnsupportedCoding(marker, body[0]) is { } fault)
                {
                    return header with { Fault = fault };
                }
            }
            else if (marker == 0xE1 && body.StartsWith("Exif\0\0"u8))
            {
                orientation = ExifOrientation.Read(body[6..]);
                header = header with { Orientation = orientation };
            }
            else if (marker == 0xDA)
            {
                scanned = true;

                // The common case needs no search: 0xFFD9 cannot occur inside entropy-coded data.
                if (sized && file.EndsWith([(byte)0xFF, (byte)0xD9]))
                {
                    return header with { Fault = null };
                }
            }
        }

        return header;
    }

    // Fill bytes and stray data between segments are skipped, as libjpeg does.
    private static bool TryReadMarker(ReadOnlySpan<byte> file, ref int at, out byte marker)
    {
        marker = 0;
        var skip = at < file.Length ? file[at..].IndexOf((byte)0xFF) : -1;
        if (skip < 0)
        {
            return false;
        }

        at += skip;
        while (at < file.Length && file[at] == 0xFF)
        {
            at++;
        }

        if (at >= file.Length)
        {
            return false;
        }

        marker = file[at++];
        return true;
    }

    private static bool TryReadSegment(ReadOnlySpan<byte> file, ref int at, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (at + 2 > file.Length)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
        if (length < 2 || at + length > file.Length)
        {
            return false;
        }

        body = file.Slice(at + 2, length - 2);
        at += length;
        return true;
    }

    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static ImageHeader Frame(ReadOnlySpan<byte> body, int orientation)
    {
        var (width, height) = (BinaryPrimitives.ReadUInt16BigEndian(body[3..]), BinaryPrimitives.ReadUInt16BigEndian(body[1..]));
        return new ImageHeader(ImageFormat.Jpeg, width, height, body[5]) { Bits = body[0], Orientation = orientation };
    }

    // ITU T.81 table B.1: libjpeg-turbo reads Huffman and arithmetic coding, sequential or progressive, of 8 bits.
    private static string? UnsupportedCoding(byte marker, byte bits) => (marker, bits) switch
    {
        (not 0xC3, not 8) => $"JPEG of {bits} bits, expected 8",
        (not (0xC0 or 0xC1 or 0xC2 or 0xC9 or 0xCA), _) => "unsupported lossless or hierarchical JPEG",
        _ => null,
    };
}
