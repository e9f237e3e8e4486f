using OpenCvSharp;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Tests.Imaging.Decoding;

namespace SketchFlow.Fuzz.Readers.Images;

/// <summary>PNG files.</summary>
public sealed class PngReader() : ImageReader("png", new PngParts())
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["images/*.png", "images/*.png.gz"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        int[] Samples(int count, int max) => [.. Enumerable.Range(0, count).Select(i => i * 7 % (max + 1))];
        byte[] Png(int bits, int type, int components, bool interlaced, params (string, byte[])[] extra) =>
            ImageFixtures.Png(9, 7, bits, type, Samples(63 * components, (1 << bits) - 1), interlaced, extra);
        (string, byte[]) palette = ("PLTE", [255, 255, 255, 255, 0, 0, 0, 0, 255, 0, 0, 0]);
        return
        [
            Encode(".png", 3), Encode(".png", 1), Encode(".png", 4), Encode(".png", MatType.CV_16UC3), Png(8, 0, 1, interlaced: true),
            Png(1, 0, 1, interlaced: false), Png(16, 4, 2, interlaced: false), Png(16, 6, 4, interlaced: true), Png(2, 3, 1, interlaced: false, palette),
            Png(2, 3, 1, interlaced: true, palette, ("tRNS", [0, 128])), Png(8, 2, 3, interlaced: false, ("tRNS", [0, 7, 0, 14, 0, 21])),
            Png(4, 0, 1, interlaced: false, ("tRNS", [0, 3]), ("gAMA", [0, 0, 0xB1, 0x8F]), ("tEXt", [.. "Comment\0x"u8])),
            Png(8, 0, 1, interlaced: false, ("eXIf", ImageFixtures.Exif(6, little: false))),
        ];
    }
}
