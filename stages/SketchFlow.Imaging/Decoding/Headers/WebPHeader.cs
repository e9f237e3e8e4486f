using System.Buffers.Binary;

namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Fields of a WebP file: of its picture or, where it is animated, of its first frame.</summary>
/// <remarks>RFC 9649: the first chunk is VP8 (lossy), VP8L (lossless) or VP8X (extended).</remarks>
internal readonly record struct WebPHeader
{
    // Bytes of a frame's chunk before the chunks of its picture.
    private const int FrameFields = 16;

    /// <summary>Size of the image.</summary>
    public ImageSize Size { get; private init; }

    /// <summary>Whether pixels may be transparent.</summary>
    public bool Alpha { get; private init; }

    /// <summary>Whether the file is animated.</summary>
    public bool IsAnimated { get; private init; }

    /// <summary>Column and row of the first frame's first pixel.</summary>
    public (int Left, int Top) Corner { get; private init; }

    /// <summary>Size of the first frame.</summary>
    public ImageSize Frame { get; private init; }

    /// <summary>Position and number of the bytes of the chunks of the first frame's picture.</summary>
    public (int Offset, int Length) Picture { get; private init; }

    /// <summary>Compression of the picture; null where there is none.</summary>
    public ImageCoding? Coding { get; private init; }

    private int Orientation { get; init; }

    private string? Fault { get; init; }

    /// <summary>Reads the header; a damaged file gives a header with a fault.</summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        var fields = Parse(file);
        return new ImageHeader(ImageFormat.WebP, fields.Size.Width, fields.Size.Height, fields.Alpha ? 4 : 3)
        {
            Alpha = fields.Alpha,
            Orientation = Math.Max(1, fields.Orientation),
            Fault = fields.Fault ?? (fields.Coding is null ? "damaged WebP: it has no picture" : null),
            Layout = new(ImageFormat.WebP, ImageColour.Rgb, 8)
            {
                Alpha = fields.Alpha ? ImageAlpha.Straight : ImageAlpha.None,
                Coding = fields.Coding ?? ImageCoding.Vp8,
            },
        };
    }

    /// <summary>Reads all fields.</summary>
    public static WebPHeader Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length < 30 || BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) > (ulong)file.Length - 8)
        {
            return new() { Fault = "truncated WebP" };
        }

        var body = file[20..];
        switch (CodingOf(file[12..]))
        {
            case ImageCoding.Vp8:
                var (columns, rows) = (BinaryPrimitives.ReadUInt16LittleEndian(body[6..]), BinaryPrimitives.ReadUInt16LittleEndian(body[8..]));
                return new() { Size = new(columns & 0x3FFF, rows & 0x3FFF), Coding = ImageCoding.Vp8 };
            case ImageCoding.Vp8L:
                var bits = BinaryPrimitives.ReadUInt32LittleEndian(body[1..]);
                var size = new ImageSize((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1);
                return new() { Size = size, Alpha = (bits >> 28 & 1) == 1, Coding = ImageCoding.Vp8L };
            default:
                return file[12..].StartsWith("VP8X"u8) ? Extended(file, body) : new() { Fault = "damaged WebP: unknown first chunk" };
        }
    }

    private static WebPHeader Extended(ReadOnlySpan<byte> file, ReadOnlySpan<byte> body)
    {
        var flags = body[0];
        var fields = new WebPHeader { Size = new(1 + Three(body[4..]), 1 + Three(body[7..])), Alpha = (flags & 0x10) != 0, IsAnimated = (flags & 0x02) != 0 };
        for (var at = 12L; at + 8 <= file.Length;)
        {
            var chunk = file[(int)at..];
            var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (length > chunk.Length - 8)
            {
                break;
            }

            var content = chunk.Slice(8, (int)length);
            if ((flags & 0x08) != 0 && chunk.StartsWith("EXIF"u8))
            {
                fields = fields with { Orientation = ExifOrientation.Read(content.StartsWith("Exif\0\0"u8) ? content[6..] : content) };
            }
            else if (fields.IsAnimated && fields.Frame == default && chunk.StartsWith("ANMF"u8))
            {
                fields = WithFrame(fields, content, (int)at + 8);
            }
            else if (!fields.IsAnimated)
            {
                fields = fields with { Coding = fields.Coding ?? CodingOf(chunk) };
            }

            at += 8 + length + (length & 1);
        }

        return fields;
    }

    private static WebPHeader WithFrame(WebPHeader fields, ReadOnlySpan<byte> content, int offset)
    {
        if (content.Length < FrameFields + 8)
        {
            return fields with { Fault = "damaged WebP: its first frame is empty" };
        }

        var (left, top) = (2 * Three(content), 2 * Three(content[3..]));
        var frame = new ImageSize(1 + Three(content[6..]), 1 + Three(content[9..]));
        var picture = content[FrameFields..];
        var first = picture.StartsWith("ALPH"u8) ? After(picture) : picture;
        return fields with
        {
            Corner = (left, top),
            Frame = frame,
            Picture = (offset + FrameFields, picture.Length),
            Alpha = true,
            Coding = CodingOf(first),
            Fault = left + frame.Width <= fields.Size.Width && top + frame.Height <= fields.Size.Height
                ? null
                : "damaged WebP: its first frame crosses its edge",
        };
    }

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> chunk)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
        return chunk[(int)Math.Min(8L + length + (length & 1), chunk.Length)..];
    }

    private static ImageCoding? CodingOf(ReadOnlySpan<byte> chunk) =>
        chunk.StartsWith("VP8 "u8) ? ImageCoding.Vp8 : chunk.StartsWith("VP8L"u8) ? ImageCoding.Vp8L : null;

    private static int Three(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;
}
