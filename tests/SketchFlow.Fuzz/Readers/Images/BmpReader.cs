using SketchFlow.Fuzz.Formats;
using SketchFlow.Tests.Imaging.Decoding;

namespace SketchFlow.Fuzz.Readers.Images;

/// <summary>BMP files.</summary>
public sealed class BmpReader() : ImageReader("bmp", new BmpParts())
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["images/*.bmp"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        var random = new Random(1);
        byte[][] palette = [[255, 255, 255, 0], [0, 0, 255, 0]];
        byte[][] sixteen = [.. Enumerable.Range(0, 16).Select(i => new byte[] { (byte)(16 * i), (byte)(255 - i), 7, 0 })];
        return
        [
            Encode(".bmp", 3), Encode(".bmp", 1), ImageFixtures.Bmp(9, 5, 24, [], topDown: false, random).File,
            ImageFixtures.Bmp(9, 5, 24, [], topDown: true, random).File, ImageFixtures.Bmp(9, 5, 1, palette, topDown: false, random).File,
            ImageFixtures.Bmp(9, 5, 4, sixteen, topDown: false, random).File, ImageFixtures.Bmp(9, 5, 8, sixteen, topDown: true, random).File,
        ];
    }
}
