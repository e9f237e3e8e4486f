using OpenCvSharp;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Tests.Imaging.Decoding;

namespace SketchFlow.Fuzz.Readers.Images;

/// <summary>TIFF files.</summary>
public sealed class TiffReader() : ImageReader("tiff", new TiffParts())
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["images/*.tif"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        byte[] strip = [.. Enumerable.Range(0, 12).Select(i => (byte)(20 * i))];
        return
        [
            .. ((int[])[1, 5, 8, 32773]).Select(c => Encode(".tiff", 3, new ImageEncodingParam(ImwriteFlags.TiffCompression, c))),
            Encode(".tiff", 1), Encode(".tiff", MatType.CV_16UC1), Encode(".tiff", MatType.CV_16UC3),
            ImageFixtures.Tiff(4, 8, 2, strip, little: true), ImageFixtures.Tiff(4, 8, 2, strip, little: false),
            ImageFixtures.Tiff(12, 8, 1, strip, little: true), ImageFixtures.Tiff(12, 8, 0, strip, little: false),
        ];
    }
}
