using OpenCvSharp;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Tests.Imaging.Decoding;

namespace SketchFlow.Fuzz.Readers.Images;

/// <summary>WebP files: lossy, lossless, animated and with Exif.</summary>
public sealed class WebPReader() : ImageReader("webp", new RiffParts())
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        var lossless = Encode(".webp", 3, new ImageEncodingParam(ImwriteFlags.WebPQuality, 101));
        return
        [
            lossless, Encode(".webp", 4, new ImageEncodingParam(ImwriteFlags.WebPQuality, 101)),
            Encode(".webp", 3, new ImageEncodingParam(ImwriteFlags.WebPQuality, 60)), Encode(".webp", 4, new ImageEncodingParam(ImwriteFlags.WebPQuality, 60)),
            ImageFixtures.MovingWebP(lossless, 17, 13),
            ImageFixtures.WebPWithExif(lossless, 17, 13, ImageFixtures.Exif(6, little: true)),
        ];
    }
}
