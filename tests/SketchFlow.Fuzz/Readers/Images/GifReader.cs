using SketchFlow.Fuzz.Formats;
using SketchFlow.Tests.Imaging.Decoding;

namespace SketchFlow.Fuzz.Readers.Images;

/// <summary>GIF files and their frames.</summary>
public sealed class GifReader() : ImageReader("gif", new GifParts())
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["images/*.gif"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        Encode(".gif", 3), Encode(".gif", 4), ImageFixtures.Gif(6, 1, [(0, 6, [1, 2, 0, 1, 2, 1])]),
        ImageFixtures.Gif(6, 1, [(0, 6, [1, 2, 0, 1, 2, 1]), (2, 3, [2, 2, 0])]), ImageFixtures.Gif(8, 2, [(1, 4, [1, 1, 2, 2])]),
    ];
}
