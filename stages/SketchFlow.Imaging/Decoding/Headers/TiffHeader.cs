namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>Fields of a TIFF or BigTIFF file's first image.</summary>
/// <remarks>TIFF 6.0. The tags are named by their numbers there.</remarks>
internal readonly ref struct TiffHeader
{
    // More tiles than pixels need would let a small file demand much work.
    private const long MostPadding = 1 << 24;

    private readonly IfdReader _tags;

    private TiffHeader(IfdReader tags)
    {
        _tags = tags;
        Width = (int)Math.Min(First(256, 0), int.MaxValue);
        Height = (int)Math.Min(First(257, 0), int.MaxValue);
        Samples = (int)Math.Min(First(277, 1), int.MaxValue);
        Layout = LayoutFrom();
        IsTiled = tags.Find(322) is not null;
        var (columns, rows) = IsTiled ? (First(322, 0), First(323, 0)) : ((ulong)Width, First(278, (ulong)Height));
        Segment = new((int)Math.Min(columns, int.MaxValue), (int)(IsTiled ? Math.Min(rows, int.MaxValue) : Math.Min(rows, (ulong)Height)));
    }

    /// <summary>Whether samples of 16 bits have their low byte first.</summary>
    public bool IsLittleEndian => _tags.IsLittleEndian;

    /// <summary>Number of columns.</summary>
    public int Width { get; }

    /// <summary>Number of rows.</summary>
    public int Height { get; }

    /// <summary>Samples per pixel.</summary>
    public int Samples { get; }

    /// <summary>Storage of the pixels.</summary>
    public ImageLayout Layout { get; }

    /// <summary>Whether the image is stored in tiles instead of strips.</summary>
    public bool IsTiled { get; }

    /// <summary>Size of a tile or strip.</summary>
    public ImageSize Segment { get; }

    /// <summary>Number of tiles or strips across and down the image.</summary>
    public (int Across, int Down) Segments => ((Width - 1) / Segment.Width + 1, (Height - 1) / Segment.Height + 1);

    /// <summary>Whether samples are stored as differences from their left neighbours.</summary>
    public bool HasDifferences => Layout.Coding is ImageCoding.Lzw or ImageCoding.Deflate && First(317, 1) == 2;

    /// <summary>Whether the bits of each byte are stored in reverse order.</summary>
    public bool HasReversedBits => First(266, 1) == 2;

    /// <summary>Reads the header; a damaged file gives a header with a fault, other bytes give null.</summary>
    public static ImageHeader? Read(ReadOnlySpan<byte> file)
    {
        var tags = new IfdReader(file);
        if (!tags.IsTiff)
        {
            return null;
        }

        if (!tags.IsWhole || tags.Find(256) is null || tags.Find(257) is null)
        {
            return ImageHeader.Broken(ImageFormat.Tiff, "truncated TIFF");
        }

        var header = new TiffHeader(tags);
        return new ImageHeader(ImageFormat.Tiff, header.Width, header.Height, header.Layout.Colour == ImageColour.Palette ? 3 : header.Samples)
        {
            Bits = header.Layout.Bits,
            Fault = header.Width < 1 || header.Height < 1 ? null : header.Unsupported() ?? header.Missing(file.Length),
            Layout = header.Layout,
            Orientation = !header.Layout.NeedsLibTiff && tags.Find(274) is { } value and >= 1 and <= 8 ? (int)value : 1,
        };
    }

    /// <summary>Reads the fields of a file whose header is sound.</summary>
    public static TiffHeader Parse(ReadOnlySpan<byte> file) => new(new IfdReader(file));

    /// <summary>Returns the bytes of a tile or strip; their end is the file's where their number does not matter.</summary>
    public ReadOnlySpan<byte> BytesOf(ReadOnlySpan<byte> file, int segment)
    {
        var start = (int)Math.Min(Entry(IsTiled ? 324 : 273, segment) ?? 0, (ulong)file.Length);
        var rest = (ulong)(file.Length - start);
        var count = Layout.Coding == ImageCoding.Raw ? rest : Entry(IsTiled ? 325 : 279, segment) ?? rest;
        return file.Slice(start, (int)Math.Min(count, rest));
    }

    /// <summary>Returns blue, green, red of every index; indices without a colour are black.</summary>
    public byte[] Palette()
    {
        var palette = new byte[3 << Layout.Bits];
        if (_tags.FindAll(320) is not { } levels)
        {
            return palette;
        }

        // Levels have 16 bits, except in files of writers that left them at 8.
        var (count, most) = (1 << Layout.Bits, 0UL);
        for (var i = 0; i < Math.Min(levels.Count, 3 * count); i++)
        {
            most = Math.Max(most, _tags.At(levels, i));
        }

        for (var i = 0; i < Math.Min(levels.Count, 3 * count); i++)
        {
            palette[((i % count) * 3) + 2 - (i / count)] = (byte)(_tags.At(levels, i) >> (most > 255 ? 8 : 0));
        }

        return palette;
    }

    private ulong First(int tag, ulong missing) => _tags.Find((ushort)tag) ?? missing;

    private ulong? Entry(int tag, int index) => _tags.FindAll((ushort)tag) is { } values && index < values.Count ? _tags.At(values, index) : null;

    private ImageLayout LayoutFrom()
    {
        var colour = First(262, ulong.MaxValue) switch
        {
            0 => ImageColour.InvertedGrey,
            1 => ImageColour.Grey,
            2 => ImageColour.Rgb,
            3 => ImageColour.Palette,
            5 => ImageColour.Cmyk,
            6 => ImageColour.YCbCr,
            _ => ImageColour.Other,
        };
        var own = SamplesOf(colour);

        // Without a tag for its extra sample, RGB of four samples has straight alpha in practice.
        var alpha = Samples == own
            ? ImageAlpha.None
            : First(338, Samples == 4 ? 2UL : 0) switch { 1 => ImageAlpha.Premultiplied, 2 => ImageAlpha.Straight, _ => ImageAlpha.Unused };
        return new(ImageFormat.Tiff, colour, (int)Math.Min(First(258, 1), 999))
        {
            Alpha = alpha,
            Coding = CodingFrom(First(259, 1)) ?? ImageCoding.Raw,
            SeparatePlanes = Samples > 1 && First(284, 1) == 2,
        };
    }

    private static int SamplesOf(ImageColour colour) => colour switch { ImageColour.Rgb or ImageColour.YCbCr => 3, ImageColour.Cmyk => 4, _ => 1 };

    private static ImageCoding? CodingFrom(ulong compression) => compression switch
    {
        1 => ImageCoding.Raw,
        2 or 3 or 4 => ImageCoding.Ccitt,
        5 => ImageCoding.Lzw,
        7 => ImageCoding.Jpeg,
        8 or 32946 => ImageCoding.Deflate,
        32773 => ImageCoding.PackBits,
        _ => null,
    };

    // What the layout does not contain.
    private string? Unsupported()
    {
        var own = SamplesOf(Layout.Colour);
        var hasEqualBits = true;
        if (_tags.FindAll(258) is { } bits)
        {
            for (var i = 1; i < Math.Min(bits.Count, Samples); i++)
            {
                hasEqualBits &= _tags.At(bits, i) == (ulong)Layout.Bits;
            }
        }

        var predictor = Layout.Coding is ImageCoding.Lzw or ImageCoding.Deflate ? First(317, 1) : 1;
        var kind = First(339, 1) switch { 2 => "signed", 3 => "floating point", 5 or 6 => "complex", _ => null };
        var reason = kind is not null ? $"{kind}, expected 8 or 16 bits"
            : First(258, 1) > 16 ? $"{First(258, 1)} bits, expected 8 or 16 bits"
            : CodingFrom(First(259, 1)) is null ? $"compression {First(259, 1)}"
            : Samples - own is not (0 or 1) ? $"{Samples} samples per pixel"
            : !hasEqualBits ? "samples of different bits"
            : predictor is not (1 or 2) || (predictor == 2 && Layout.Bits < 8) ? $"predictor {predictor} with {Layout.Bits} bits"
            : !TestedLayout.Includes(Layout) ? Layout.ToString()
            : null;
        return reason is null ? null : ImageHeader.NotSupported(ImageFormat.Tiff, reason);
    }

    private string? Missing(int length)
    {
        if (Segment.Width < 1 || Segment.Height < 1)
        {
            return "damaged TIFF: tiles or strips without a size";
        }

        var (across, down) = Segments;
        if ((double)across * Segment.Width * down * Segment.Height > (4.0 * Width * Height) + MostPadding)
        {
            return ImageHeader.NotSupported(ImageFormat.Tiff, "tiles larger than its image");
        }

        var count = (long)across * down * (Layout.SeparatePlanes ? Samples : 1);
        if (_tags.FindAll(IsTiled ? (ushort)324 : (ushort)273) is not { } starts || starts.Count < count)
        {
            return "truncated TIFF";
        }

        var sizes = _tags.FindAll(IsTiled ? (ushort)325 : (ushort)279);
        for (var i = 0; i < count; i++)
        {
            var size = Layout.Coding != ImageCoding.Raw && sizes is { } s && i < s.Count ? _tags.At(s, i) : 0;
            if (_tags.At(starts, i) >= (ulong)length || size > (ulong)length - _tags.At(starts, i))
            {
                return "truncated TIFF";
            }
        }

        return null;
    }
}
