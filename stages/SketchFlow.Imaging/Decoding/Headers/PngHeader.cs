using System.Buffers.Binary;

namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Reads the header of a PNG file and checks that its chunks are complete.</summary>
/// <remarks>PNG specification, section 5: length, type, data, CRC; every chunk must be inside the file, and IEND last.</remarks>
internal static class PngHeader
{
    /// <summary>The eight bytes that every PNG starts with.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads the header; a damaged file gives a header with a fault.</summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        var header = ImageHeader.Broken(ImageFormat.Png, "truncated PNG");
        var at = 8;
        var turned = false;
        if (file.Length >= 16 && !file[12..].StartsWith("IHDR"u8))
        {
            return ImageHeader.Broken(ImageFormat.Png, FirstChunk(file.Slice(12, 4)));
        }

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
                if (header.Width != 0)
                {
                    return ImageHeader.Broken(ImageFormat.Png, "damaged PNG: it has a second header");
                }

                if (length != 13)
                {
                    return ImageHeader.Broken(ImageFormat.Png, "damaged PNG: its header has a wrong length");
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
                    Layout = Layout(colour, body[8]),
                };
            }
            else if (type.SequenceEqual("eXIf"u8) && !turned)
            {
                header = header with { Orientation = ExifOrientation.Read(body) };
                turned = true;
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                return header with { Fault = null };
            }
        }

        return header;
    }

    private static string FirstChunk(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("CgBI"u8) ? "a PNG in Apple's own form (CgBI), which is not supported" : "damaged PNG: it does not begin with its header";

    // PNG specification, table 11.1.
    private static ImageLayout Layout(byte colourType, byte bits)
    {
        var colour = colourType switch { 0 or 4 => ImageColour.Grey, 2 or 6 => ImageColour.Rgb, 3 => ImageColour.Palette, _ => ImageColour.Other };
        var alpha = colourType is 4 or 6 ? ImageAlpha.Straight : ImageAlpha.None;
        return new(ImageFormat.Png, colour, bits) { Alpha = alpha, Coding = ImageCoding.Deflate };
    }
}
