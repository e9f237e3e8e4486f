using System.Collections.Frozen;
using System.Collections.Immutable;

namespace SketchFlow.Imaging.Decoding.Headers;

/// <summary>A group of layouts that are decoded and whose pixels the tests hold; all other layouts are rejected.</summary>
internal sealed record TestedLayout
{
    private const ImageCoding Raw = ImageCoding.Raw;

    private static readonly ImmutableArray<ImageCoding> TiffCodings = [Raw, ImageCoding.PackBits, ImageCoding.Lzw, ImageCoding.Deflate];

    private static readonly ImmutableArray<TestedLayout> Groups =
    [
        new() { Format = ImageFormat.Jpeg, Colours = [ImageColour.Grey, ImageColour.YCbCr, ImageColour.Cmyk], Bits = [8], Codings = [ImageCoding.Jpeg] },
        Png(ImageColour.Grey, [1, 2, 4, 8, 16], [ImageAlpha.None, ImageAlpha.Key]),
        Png(ImageColour.Grey, [8, 16], [ImageAlpha.Straight]),
        Png(ImageColour.Rgb, [8, 16], [ImageAlpha.None, ImageAlpha.Key, ImageAlpha.Straight]),
        Png(ImageColour.Palette, [1, 2, 4, 8], [ImageAlpha.None, ImageAlpha.Key]),
        new()
        {
            Format = ImageFormat.WebP,
            Colours = [ImageColour.Rgb],
            Bits = [8],
            Alphas = [ImageAlpha.None, ImageAlpha.Straight],
            Codings = [ImageCoding.Vp8, ImageCoding.Vp8L],
        },
        new()
        {
            Format = ImageFormat.Gif,
            Colours = [ImageColour.Palette],
            Bits = [8],
            Alphas = [ImageAlpha.None, ImageAlpha.Key],
            Codings = [ImageCoding.Lzw],
        },
        Bmp(ImageColour.Palette, [1, 2, 4, 8], [Raw]),
        Bmp(ImageColour.Palette, [4, 8], [ImageCoding.RunLength]),
        Bmp(ImageColour.Rgb, [16, 24, 32], [Raw, ImageCoding.Masks]),
        Bmp(ImageColour.Rgb, [16, 32], [ImageCoding.Masks]) with { Alphas = [ImageAlpha.Straight] },
        Tiff([ImageColour.Grey, ImageColour.InvertedGrey], [1, 2, 4, 8, 16], TiffCodings),
        Tiff([ImageColour.Palette], [1, 2, 4, 8], TiffCodings),
        Tiff([ImageColour.Rgb, ImageColour.Cmyk], [8, 16], TiffCodings) with { SeparatePlanes = true },
        Tiff([ImageColour.Grey, ImageColour.Rgb], [8, 16], TiffCodings) with
        {
            Alphas = [ImageAlpha.Straight, ImageAlpha.Premultiplied, ImageAlpha.Unused],
            SeparatePlanes = true,
        },
        Tiff([ImageColour.Grey, ImageColour.InvertedGrey], [1], [ImageCoding.Ccitt]),
        Tiff([ImageColour.Grey, ImageColour.Rgb, ImageColour.YCbCr], [8], [ImageCoding.Jpeg]),
    ];

    private static readonly FrozenSet<ImageLayout> Layouts = Groups.SelectMany(group => group.Expand()).ToFrozenSet();

    /// <summary>All groups, in the order of the documentation, which repeats them.</summary>
    public static ImmutableArray<TestedLayout> All => Groups;

    /// <summary>Format of the files.</summary>
    public required ImageFormat Format { get; init; }

    /// <summary>Each meaning of the samples.</summary>
    public required ImmutableArray<ImageColour> Colours { get; init; }

    /// <summary>Each number of bits.</summary>
    public required ImmutableArray<int> Bits { get; init; }

    /// <summary>Each kind of transparency.</summary>
    public ImmutableArray<ImageAlpha> Alphas { get; init; } = [ImageAlpha.None];

    /// <summary>Each coding.</summary>
    public required ImmutableArray<ImageCoding> Codings { get; init; }

    /// <summary>Whether separate planes are decoded as well as interleaved samples.</summary>
    public bool SeparatePlanes { get; init; }

    /// <summary>Whether files of a layout are decoded.</summary>
    public static bool Includes(ImageLayout layout) => Layouts.Contains(layout);

    /// <summary>Returns every layout of the group.</summary>
    public IEnumerable<ImageLayout> Expand() =>
        from colour in Colours
        from bits in Bits
        from alpha in Alphas
        from coding in Codings
        from separate in SeparatePlanes ? new[] { false, true } : [false]
        select new ImageLayout(Format, colour, bits) { Alpha = alpha, Coding = coding, SeparatePlanes = separate };

    /// <summary>Returns the group as a row of the documentation's table.</summary>
    public string ToMarkdown()
    {
        string[] cells =
        [
            LayoutWords.For(Format), Join(Colours.Select(LayoutWords.For)), Join(Bits.Select(b => $"{b}")), Join(Alphas.Select(LayoutWords.For)),
            Join(Codings.Select(LayoutWords.For)), SeparatePlanes ? "interleaved, separate" : "interleaved",
        ];
        return $"| {Join(cells, " | ")} |";
    }

    private static string Join(IEnumerable<string> words, string separator = ", ") => string.Join(separator, words);

    private static TestedLayout Png(ImageColour colour, ImmutableArray<int> bits, ImmutableArray<ImageAlpha> alphas) =>
        new() { Format = ImageFormat.Png, Colours = [colour], Bits = bits, Alphas = alphas, Codings = [ImageCoding.Deflate] };

    private static TestedLayout Bmp(ImageColour colour, ImmutableArray<int> bits, ImmutableArray<ImageCoding> codings) =>
        new() { Format = ImageFormat.Bmp, Colours = [colour], Bits = bits, Codings = codings };

    private static TestedLayout Tiff(ImmutableArray<ImageColour> colours, ImmutableArray<int> bits, ImmutableArray<ImageCoding> codings) =>
        new() { Format = ImageFormat.Tiff, Colours = colours, Bits = bits, Codings = codings };
}
