using OpenCvSharp;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Tests.Imaging.Decoding;

namespace SketchFlow.Fuzz.Readers.Images;

/// <summary>JPEG files.</summary>
public sealed class JpegReader() : ImageReader("jpeg", new JpegParts())
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["images/*.jpg"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        var colour = Encode(".jpg", 3);
        byte[] exif = [.. "Exif\0\0"u8, .. ImageFixtures.Exif(6, little: true)];
        return
        [
            colour, Encode(".jpg", 1), Encode(".jpg", 3, new ImageEncodingParam(ImwriteFlags.JpegProgressive, 1)),
            Encode(".jpg", 3, new ImageEncodingParam(ImwriteFlags.JpegRstInterval, 2)),
            ImageFixtures.WithSegment(colour, 0xE1, exif), ImageFixtures.WithSegment(colour, 0xE1, [.. "Exif\0\0"u8, .. ImageFixtures.Exif(3, little: false)]),
            ImageFixtures.FlatJpeg([10, 200, 30, 90], [250, 20, 70, 40], adobe: 2), ImageFixtures.FlatJpeg([10, 200, 30, 90], [250, 20, 70, 40], adobe: 0),
        ];
    }
}
