using System.Buffers.Binary;

namespace SketchFlow.Imaging.Decoding;

/// <summary>Reads the headers of JPEG, PNG, BMP, GIF, WebP and TIFF files and checks that the files are complete.</summary>
/// <remarks>
/// OpenCV decodes a truncated JPEG without an error, with grey in place of the missing rest, and allocates the size that a header declares, however
/// large. Both cases are found here, before decoding.
/// </remarks>
internal static class HeaderReader
{
    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads the header; a damaged file gives a header with a fault, an unknown format gives null.</summary>
    public static ImageHeader? Read(ReadOnlySpan<byte> file)
    {
        if (file.StartsWith([(byte)0xFF, (byte)0xD8, (byte)0xFF]))
        {
            return Jpeg(file);
        }

        if (file.StartsWith(PngSignature))
        {
            return Png(file);
        }

        if (file.Length >= 26 && file.StartsWith("BM"u8))
        {
            return Bmp(file);
        }

        if (file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8))
        {
            return Gif(file);
        }

        if (file.Length >= 12 && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8))
        {
            return WebP(file);
        }

        return file.Length >= 8 && (file.StartsWith("II"u8) || file.StartsWith("MM"u8)) ? Tiff(file) : null;
    }

    /// <summary>Returns the orientation in a TIFF-structured EXIF block; 1 where it is missing or invalid.</summary>
    public static int Orientation(ReadOnlySpan<byte> exif)
    {
        var entry = new IfdReader(exif);
        return entry.Find(0x0112) is { } value and >= 1 and <= 8 ? (int)value : 1;
    }

    private static ImageHeader Broken(ImageFormat format, string fault) => new(format, 0, 0, 0) { Fault = fault };

    // ITU T.81 annex B: segments up to the scan, then entropy-coded data in which only stuffed zeros and restart markers follow 0xFF.
    private static ImageHeader Jpeg(ReadOnlySpan<byte> file)
    {
        var header = Broken(ImageFormat.Jpeg, "truncated JPEG");
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
                orientation = Orientation(body[6..]);
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

    // PNG specification, section 5: length, type, data, CRC; every chunk must be inside the file, and IEND last.
    private static ImageHeader Png(ReadOnlySpan<byte> file)
    {
        var header = Broken(ImageFormat.Png, "truncated PNG");
        var at = 8;
        while (at + 12 <= file.Length)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            var type = file.Slice(at + 4, 4);
            if (length > file.Length - at - 12)
            {
                return header;
            }

            var body = file.Slice(at + 8, (int)length);
            at += 12 + (int)length;
            if (type.SequenceEqual("IHDR"u8))
            {
                if (length < 13)
                {
                    return Broken(ImageFormat.Png, "damaged PNG: its header is short");
                }

                var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(body), BinaryPrimitives.ReadInt32BigEndian(body[4..]));
                var colour = body[9];
                header = header with
                {
                    Width = width,
                    Height = height,
                    Bits = body[8],
                    Components = colour switch { 0 => 1, 4 => 2, 6 => 4, _ => 3 },
                    Alpha = colour is 4 or 6,
                };
            }
            else if (type.SequenceEqual("tRNS"u8))
            {
                header = header.Components == 1
                    ? header with { TransparentGrey = length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(body) : -1 }
                    : header with { Alpha = true };
            }
            else if (type.SequenceEqual("eXIf"u8))
            {
                header = header with { Orientation = Orientation(body) };
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                return header with { Fault = null };
            }
        }

        return header;
    }

    private static ImageHeader Bmp(ReadOnlySpan<byte> file)
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(file[14..]);
        if (size == 12)
        {
            return new(ImageFormat.Bmp, BinaryPrimitives.ReadUInt16LittleEndian(file[18..]), BinaryPrimitives.ReadUInt16LittleEndian(file[20..]), 3);
        }

        if (file.Length < 34 || size < 40)
        {
            return Broken(ImageFormat.Bmp, "truncated BMP");
        }

        var width = BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
        var stored = BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        var height = stored == int.MinValue ? 0 : Math.Abs(stored);
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(file[28..]);
        var compression = BinaryPrimitives.ReadUInt32LittleEndian(file[30..]);
        var header = new ImageHeader(ImageFormat.Bmp, width, height, 3);

        // Rows are padded to four bytes.
        var row = (((long)width * bits) + 31) / 32 * 4;
        return compression is 0 or 3 && offset + (row * height) > file.Length ? header with { Fault = "truncated BMP" } : header;
    }

    // GIF89a: read to the end of the first frame, which is the one that is decoded.
    private static ImageHeader Gif(ReadOnlySpan<byte> file)
    {
        if (file.Length < 13)
        {
            return Broken(ImageFormat.Gif, "truncated GIF");
        }

        var (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), BinaryPrimitives.ReadUInt16LittleEndian(file[8..]));
        var header = new ImageHeader(ImageFormat.Gif, width, height, 4) { Alpha = true };
        var truncated = header with { Fault = "truncated GIF" };
        var at = 13 + TableSize(file[10]);
        while (at < file.Length)
        {
            switch (file[at])
            {
                case 0x21:
                    at = AfterBlocks(file, at + 2);
                    break;
                case 0x2C when at + 10 < file.Length:
                    return AfterBlocks(file, at + 10 + TableSize(file[at + 9]) + 1) <= file.Length ? header : truncated;
                default:
                    return header with { Fault = "damaged GIF: it has no frame" };
            }
        }

        return truncated;

        static int TableSize(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

        static int AfterBlocks(ReadOnlySpan<byte> file, int at)
        {
            while (at < file.Length)
            {
                var length = file[at];
                at += 1 + length;
                if (length == 0)
                {
                    return at;
                }
            }

            return int.MaxValue;
        }
    }

    // RFC 9649: the first chunk is VP8 (lossy), VP8L (lossless) or VP8X (extended).
    private static ImageHeader WebP(ReadOnlySpan<byte> file)
    {
        var truncated = Broken(ImageFormat.WebP, "truncated WebP");
        if (file.Length < 30 || BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) > (ulong)file.Length - 8)
        {
            return truncated;
        }

        var chunk = file[12..];
        var body = file[20..];
        if (chunk.StartsWith("VP8 "u8))
        {
            var (columns, rows) = (BinaryPrimitives.ReadUInt16LittleEndian(body[6..]), BinaryPrimitives.ReadUInt16LittleEndian(body[8..]));
            return new(ImageFormat.WebP, columns & 0x3FFF, rows & 0x3FFF, 3);
        }

        if (chunk.StartsWith("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(body[1..]);
            return new(ImageFormat.WebP, (int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1, 4) { Alpha = (bits >> 28 & 1) == 1 };
        }

        if (!chunk.StartsWith("VP8X"u8))
        {
            return Broken(ImageFormat.WebP, "damaged WebP: unknown first chunk");
        }

        var (flags, orientation) = (body[0], 1);
        var at = 12L;
        while ((flags & 0x08) != 0 && at + 8 <= file.Length)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 4)..]);
            if (file[(int)at..].StartsWith("EXIF"u8) && at + 8 + length <= file.Length)
            {
                var exif = file.Slice((int)at + 8, (int)length);
                orientation = Orientation(exif.StartsWith("Exif\0\0"u8) ? exif[6..] : exif);
            }

            at += 8 + length + (length & 1);
        }

        var (width, height) = (1 + (body[4] | body[5] << 8 | body[6] << 16), 1 + (body[7] | body[8] << 8 | body[9] << 16));
        return new(ImageFormat.WebP, width, height, 4) { Alpha = (flags & 0x10) != 0, Orientation = orientation };
    }

    // TIFF 6.0 and BigTIFF. OpenCV applies the orientation tag of TIFF files, so it is not reported here.
    private static ImageHeader? Tiff(ReadOnlySpan<byte> file)
    {
        var entries = new IfdReader(file);
        if (!entries.IsTiff)
        {
            return null;
        }

        if (!entries.IsWhole || entries.Find(256) is not { } width || entries.Find(257) is not { } height || width > int.MaxValue || height > int.MaxValue)
        {
            return Broken(ImageFormat.Tiff, "truncated TIFF");
        }

        var components = (int)Math.Min(entries.Find(277) ?? 1, 16);
        var palette = entries.Find(262) == 3;
        return new ImageHeader(ImageFormat.Tiff, (int)width, (int)height, palette ? 3 : components)
        {
            Bits = (int)Math.Min(entries.Find(258) ?? 1, 64),
            Alpha = components is 2 or 4 && entries.Find(262) is 1 or 2,
        };
    }
}
