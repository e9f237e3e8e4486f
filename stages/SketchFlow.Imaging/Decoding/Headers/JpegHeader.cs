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
        var (orientation, turned) = (1, false);
        var (sized, single, arithmetic) = (false, false, false);
        var frame = default(Range);
        JpegScans? scans = null;
        var at = 2;
        while (TryReadMarker(file, ref at, out var marker))
        {
            if (marker is 0x00 or 0x01 or (>= 0xD0 and <= 0xD7))
            {
                continue;
            }

            if (marker == 0xD9)
            {
                return header with { Fault = FaultAtEnd(header, sized, scans) };
            }

            if (!TryReadSegment(file, ref at, out var body))
            {
                break;
            }

            if (IsFrame(marker) && !sized && body.Length >= 6)
            {
                header = Frame(body, orientation) with { Fault = header.Fault, Scans = header.Scans };
                (sized, single, arithmetic) = (true, marker is 0xC0 or 0xC1 or 0xC9, marker >= 0xC9);
                frame = (at - body.Length)..at;
                if (UnsupportedCoding(marker, body[0]) is { } fault)
                {
                    return header with { Fault = fault };
                }
            }
            else if (marker == 0xE1 && !turned && body.StartsWith("Exif\0\0"u8))
            {
                turned = true;
                orientation = ExifOrientation.Read(body[6..]);
                header = header with { Orientation = orientation };
            }
            else if (marker == 0xF7)
            {
                return header with { Fault = "JPEG-LS, which is not supported; convert it to PNG or JPEG" };
            }
            else if (marker == 0xDA)
            {
                header = header with { Scans = header.Scans + 1 };

                // Every block of 8 × 8 pixels has at least one bit; only arithmetic coding (from 0xC9 on) may have less.
                if (sized && !arithmetic && (long)header.Width * header.Height > 512L * file.Length)
                {
                    return header with { Fault = "damaged JPEG: image data is missing" };
                }

                // The common case needs no search: 0xFFD9 cannot occur inside entropy-coded data.
                if (sized && single && header.Scans == 1 && body.Length > 0 && body[0] == header.Components && EndsWithMarker(file))
                {
                    return header with { Fault = null };
                }

                if (sized)
                {
                    scans ??= new JpegScans(file[frame]);
                    scans.Add(body);
                }
            }
        }

        // Between the scans of an image that ends with its marker, anything may be that libjpeg skips.
        return scans is not null && EndsWithMarker(file) ? header with { Fault = FaultAtEnd(header, sized, scans) } : header;
    }

    private static string? FaultAtEnd(ImageHeader header, bool sized, JpegScans? scans) =>
        header.Scans == 0 || !sized ? "damaged JPEG: it ends before its scan"
        : scans is { IsComplete: false } ? "damaged JPEG: scans with image data are missing"
        : null;

    private static bool EndsWithMarker(ReadOnlySpan<byte> file) => file.EndsWith([(byte)0xFF, (byte)0xD9]);

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
        var colour = body[5] switch { 1 => ImageColour.Grey, 3 => ImageColour.YCbCr, 4 => ImageColour.Cmyk, _ => ImageColour.Other };
        var layout = new ImageLayout(ImageFormat.Jpeg, colour, body[0]) { Coding = ImageCoding.Jpeg };
        return new ImageHeader(ImageFormat.Jpeg, width, height, body[5]) { Bits = body[0], Orientation = orientation, Layout = layout };
    }

    // ITU T.81 table B.1: libjpeg-turbo reads Huffman and arithmetic coding, sequential or progressive, of 8 bits.
    private static string? UnsupportedCoding(byte marker, byte bits) => (marker, bits) switch
    {
        (not 0xC3, not 8) => $"JPEG of {bits} bits, expected 8",
        (not (0xC0 or 0xC1 or 0xC2 or 0xC9 or 0xCA), _) => "unsupported lossless or hierarchical JPEG",
        _ => null,
    };
}
