using System.Buffers.Binary;
using System.Numerics;

namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Fields of a BMP file's headers (BITMAPCOREHEADER, BITMAPINFOHEADER, versions 2 to 5 and OS/2's).</summary>
internal readonly record struct BmpHeader
{
    private const int CoreSize = 12;

    // Size of OS/2's second header, whose compressions from 3 on are others than Windows'.
    private const int Os2Size = 64;

    /// <summary>Number of columns.</summary>
    public int Width { get; private init; }

    /// <summary>Number of rows.</summary>
    public int Height { get; private init; }

    /// <summary>Whether the first stored row is the top row.</summary>
    public bool TopDown { get; private init; }

    /// <summary>Bits per pixel.</summary>
    public int Bits { get; private init; }

    /// <summary>Storage of the pixels.</summary>
    public ImageCoding Coding { get; private init; }

    /// <summary>Masks of red, green, blue and alpha in a pixel of 16 or more bits.</summary>
    public (uint Red, uint Green, uint Blue, uint Alpha) Masks { get; private init; }

    /// <summary>Position of the palette, its number of colours, and bytes per colour.</summary>
    public (int Offset, int Count, int Size) Palette { get; private init; }

    /// <summary>Position of the first stored row.</summary>
    public long PixelsOffset { get; private init; }

    /// <summary>Bytes per row: rows are padded to four bytes.</summary>
    public long Stride => (((long)Width * Bits) + 31) / 32 * 4;

    private string? Fault { get; init; }

    /// <summary>Reads the header; a damaged file gives a header with a fault.</summary>
    public static ImageHeader Read(ReadOnlySpan<byte> file)
    {
        var fields = Parse(file);
        var colour = fields.Bits <= 8 ? ImageColour.Palette : ImageColour.Rgb;
        var alpha = fields.Masks.Alpha == 0 ? ImageAlpha.None : ImageAlpha.Straight;
        return new ImageHeader(ImageFormat.Bmp, fields.Width, fields.Height, 3)
        {
            Fault = fields.Fault,
            Layout = new(ImageFormat.Bmp, colour, fields.Bits) { Alpha = alpha, Coding = fields.Coding },
        };
    }

    /// <summary>Reads all fields.</summary>
    public static BmpHeader Parse(ReadOnlySpan<byte> file)
    {
        var size = BinaryPrimitives.ReadUInt32LittleEndian(file[14..]);
        if (size > file.Length - 14)
        {
            return new() { Fault = "truncated BMP" };
        }

        var fields = size switch
        {
            CoreSize => Core(file),
            40 or 52 or 56 or Os2Size or 108 or 124 => Info(file, (int)size),
            _ => default(BmpHeader).NotSupported($"a header of {size} bytes"),
        };
        return fields.Fault is not null ? fields : WithPixels(fields, file);
    }

    private static BmpHeader Core(ReadOnlySpan<byte> file) => new()
    {
        Width = BinaryPrimitives.ReadUInt16LittleEndian(file[18..]),
        Height = BinaryPrimitives.ReadUInt16LittleEndian(file[20..]),
        Bits = BinaryPrimitives.ReadUInt16LittleEndian(file[24..]),
        Masks = DefaultMasks(BinaryPrimitives.ReadUInt16LittleEndian(file[24..])),
        Palette = (14 + CoreSize, int.MaxValue, 3),
    };

    private static BmpHeader Info(ReadOnlySpan<byte> file, int size)
    {
        var height = BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(file[28..]);
        var compression = BinaryPrimitives.ReadUInt32LittleEndian(file[30..]);
        var hasMasks = compression is 3 or 6 && size != Os2Size;
        var after = size != 40 || !hasMasks ? 0 : compression == 3 ? 12 : 16;
        var fields = new BmpHeader
        {
            Width = BinaryPrimitives.ReadInt32LittleEndian(file[18..]),
            Height = height == int.MinValue ? 0 : Math.Abs(height),
            TopDown = height < 0,
            Bits = bits,
            Masks = DefaultMasks(bits),
            Palette = (14 + size + after, (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(file[46..]), int.MaxValue), 4),
        };
        if (hasMasks)
        {
            return fields.Palette.Offset > file.Length ? fields with { Fault = "truncated BMP" } : WithMasks(fields, file, size + after >= 56);
        }

        return (compression, bits) switch
        {
            (0, _) => fields,
            (1, 8) or (2, 4) => fields with { Coding = ImageCoding.RunLength },
            (4 or 5, _) when size != Os2Size => fields.NotSupported(compression == 4 ? "it contains a JPEG" : "it contains a PNG"),
            _ => fields.NotSupported($"compression {compression}"),
        };
    }

    // The masks follow the 40 bytes of the first header's fields in every version.
    private static BmpHeader WithMasks(BmpHeader fields, ReadOnlySpan<byte> file, bool hasAlpha)
    {
        var (red, green) = (BinaryPrimitives.ReadUInt32LittleEndian(file[54..]), BinaryPrimitives.ReadUInt32LittleEndian(file[58..]));
        var (blue, alpha) = (BinaryPrimitives.ReadUInt32LittleEndian(file[62..]), hasAlpha ? BinaryPrimitives.ReadUInt32LittleEndian(file[66..]) : 0);
        var sum = (ulong)red + green + blue + alpha;
        var isSound = sum == (red | green | blue | alpha) && sum < 1UL << fields.Bits && IsRun(red) && IsRun(green) && IsRun(blue);
        return isSound && (alpha == 0 || IsRun(alpha))
            ? fields with { Masks = (red, green, blue, alpha), Coding = ImageCoding.Masks }
            : fields.NotSupported("channel masks that are empty, split or overlap");
    }

    private static bool IsRun(uint mask)
    {
        var low = mask >> BitOperations.TrailingZeroCount(mask);
        return mask != 0 && (low & (low + 1)) == 0;
    }

    private static (uint Red, uint Green, uint Blue, uint Alpha) DefaultMasks(int bits) => bits switch
    {
        16 => (0x7C00, 0x03E0, 0x001F, 0),
        24 or 32 => (0xFF0000, 0xFF00, 0xFF, 0),
        _ => default,
    };

    private static BmpHeader WithPixels(BmpHeader fields, ReadOnlySpan<byte> file)
    {
        var (palette, count, size) = fields.Palette;
        var most = fields.Bits <= 8 ? 1 << fields.Bits : 0;
        count = count == 0 ? most : Math.Min(count, most);
        var first = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]);

        // A missing offset means right after the palette; a core header has no count, so its palette ends at the pixels.
        var start = first == 0 ? palette + ((long)count * size) : first;
        count = (int)Math.Clamp((Math.Min(start, file.Length) - palette) / size, 0, count);
        fields = fields with { Palette = (palette, count, size), PixelsOffset = start };
        if (start < palette && fields.Coding != ImageCoding.Masks)
        {
            return fields with { Fault = "damaged BMP: its pixels start inside its header" };
        }

        var end = fields.Coding == ImageCoding.RunLength ? start + 1 : start + (fields.Stride * fields.Height);
        return end > file.Length && fields.Width > 0 ? fields with { Fault = "truncated BMP" } : fields;
    }

    private BmpHeader NotSupported(string kind) => this with { Fault = ImageHeader.NotSupported(ImageFormat.Bmp, kind) };
}
