using System.Buffers.Binary;
using System.Text;
using SketchFlow.Reports.Fonts;

namespace SketchFlow.Tests.Reports.Fonts;

/// <summary>Makes a font for any letters out of the embedded one: its table of characters is replaced.</summary>
internal static class FontWithLetters
{
    private const int Glyph = 40;

    /// <summary>Writes a font in which the given range of characters has shapes, and no other character.</summary>
    public static void Write(string path, int first, int last)
    {
        using var stream = typeof(ReportFonts).Assembly.GetManifestResourceStream("Inter-Regular.ttf")!;
        var font = new byte[stream.Length];
        stream.ReadExactly(font);

        // OpenType: the directory has 16 bytes per table: tag, checksum, offset, length. Format 13 of cmap has groups: first, last, glyph of all.
        byte[] table = [.. U16(0, 1, 3, 10), .. U32(12), .. U16(13, 0), .. U32(28, 0, 1, first, last, Glyph)];
        var directory = Enumerable.Range(0, BinaryPrimitives.ReadUInt16BigEndian(font.AsSpan(4))).Select(i => 12 + (16 * i))
            .Single(at => Encoding.ASCII.GetString(font, at, 4) == "cmap");
        U32(font.Length, table.Length).CopyTo(font, directory + 8);
        File.WriteAllBytes(path, [.. font, .. table]);
    }

    private static byte[] U16(params int[] values) => [.. values.SelectMany(v => new[] { (byte)(v >> 8), (byte)v })];

    private static byte[] U32(params int[] values) => [.. values.SelectMany(v => U16(v >> 16, v))];
}
