using System.Buffers.Binary;

namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Fields of a GIF file up to the codes of its first frame, the one that is decoded.</summary>
/// <remarks>GIF89a. Whether the frame is whole is found by decoding it: what follows it may be missing or damaged.</remarks>
internal readonly record struct GifHeader
{
    /// <summary>Size of the image: the screen, enlarged where the frame reaches over its edge.</summary>
    public ImageSize Size { get; private init; }

    /// <summary>Column and row of the frame's first pixel.</summary>
    public (int Left, int Top) Corner { get; private init; }

    /// <summary>Size of the frame.</summary>
    public ImageSize Frame { get; private init; }

    /// <summary>Whether rows are stored in four passes.</summary>
    public bool IsInterlaced { get; private init; }

    /// <summary>Transparent index; -1 where there is none.</summary>
    public int Transparent { get; private init; }

    /// <summary>Position and number of the palette's colours, three bytes each.</summary>
    public (int Offset, int Count) Palette { get; private init; }

    /// <summary>Position of the number of bits per symbol, which the blocks of codes follow.</summary>
    public int CodesOffset { get; private init; }

    private string? Fault { get; init; }

    /// <summary>Reads the header; a damaged file gives a header with a fault.</summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        var fields = Parse(file);
        return new ImageHeader(ImageFormat.Gif, fields.Size.Width, fields.Size.Height, 4)
        {
            Alpha = true,
            Fault = fields.Fault,
            Layout = new(ImageFormat.Gif, ImageColour.Palette, 8)
            {
                Alpha = fields.Transparent < 0 ? ImageAlpha.None : ImageAlpha.Key,
                Coding = ImageCoding.Lzw,
            },
        };
    }

    /// <summary>Reads all fields.</summary>
    public static GifHeader Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length < 13)
        {
            return new() { Fault = "truncated GIF" };
        }

        var screen = new ImageSize(BinaryPrimitives.ReadUInt16LittleEndian(file[6..]), BinaryPrimitives.ReadUInt16LittleEndian(file[8..]));
        var header = new GifHeader { Size = screen, Transparent = -1, Palette = (13, ColoursIn(file[10])) };
        var at = 13 + (ColoursIn(file[10]) * 3);
        while (at < file.Length)
        {
            switch (file[at])
            {
                case 0x21:
                    header = WithControl(header, file[at..]);
                    at = AfterBlocks(file, at + 2);
                    break;
                case 0x2C when at + 10 < file.Length:
                    return WithFrame(header, file, at);
                case 0x2C:
                    return header with { Fault = "truncated GIF" };
                default:
                    return header with { Fault = "damaged GIF: it has no frame" };
            }
        }

        return header with { Fault = "truncated GIF" };
    }

    /// <summary>Returns the position after blocks, each preceded by its length; beyond the file where their end is missing.</summary>
    private static int AfterBlocks(ReadOnlySpan<byte> file, int at)
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

    private static int ColoursIn(byte flags) => (flags & 0x80) == 0 ? 0 : 2 << (flags & 7);

    // A graphic control extension declares the transparent index of the frame after it.
    private static GifHeader WithControl(GifHeader header, ReadOnlySpan<byte> extension) =>
        extension.Length >= 7 && extension[1] == 0xF9 && extension[2] >= 4
            ? header with { Transparent = (extension[3] & 1) == 1 ? extension[6] : -1 }
            : header;

    private static GifHeader WithFrame(GifHeader header, ReadOnlySpan<byte> file, int at)
    {
        var (left, top) = (BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 1)..]), BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 3)..]));
        var frame = new ImageSize(BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 5)..]), BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 7)..]));
        var (flags, own) = (file[at + 9], ColoursIn(file[at + 9]));
        header = header with
        {
            Size = new(Math.Max(header.Size.Width, left + frame.Width), Math.Max(header.Size.Height, top + frame.Height)),
            Corner = (left, top),
            Frame = frame,
            IsInterlaced = (flags & 0x40) != 0,
            Palette = own > 0 ? (at + 10, own) : header.Palette,
            CodesOffset = at + 10 + (own * 3),
        };
        var isWhole = header.CodesOffset < file.Length && header.Palette.Offset + (header.Palette.Count * 3) <= file.Length;
        return (frame.Width > 0 && frame.Height > 0, isWhole, header.Palette.Count > 0) switch
        {
            (false, _, _) => header with { Fault = $"damaged GIF: its first frame has {frame.Width}x{frame.Height} pixels" },
            (_, false, _) => header with { Fault = "truncated GIF" },
            (_, _, false) => header with { Fault = ImageHeader.NotSupported(ImageFormat.Gif, "no table of colours") },
            _ => header,
        };
    }
}
