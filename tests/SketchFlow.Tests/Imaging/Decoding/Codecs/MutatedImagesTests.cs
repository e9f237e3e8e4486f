using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Decoding;

namespace SketchFlow.Tests.Imaging.Decoding.Codecs;

/// <summary>Mutated BMP, GIF and TIFF files: each is a picture or a rejection, never an exception.</summary>
public sealed class MutatedImagesTests
{
    private static readonly Sample Any = new(3, "x", "x", null);

    [Property(MaxTest = 3000)]
    public Property A_mutated_file_is_a_picture_or_a_rejection() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        var random = new Random(seed);
        var file = Make(random);
        for (var i = random.Next(1, 8); i > 0; i--)
        {
            var at = random.Next(file.Length);
            switch (random.Next(4))
            {
                case 0:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    file[at] = (byte)random.Next(256);
                    break;
                case 2:
                    file.AsSpan(at, Math.Min(4, file.Length - at)).Fill((byte)(random.Next(2) * 255));
                    break;
                default:
                    file = [.. file[..at], .. file[random.Next(file.Length)..]];
                    break;
            }

            if (file.Length == 0)
            {
                return true;
            }
        }

        var outcome = ImageDecoder.Read(new DecodeOptions { MaxPixels = 1_000_000 }, Any, file);
        if (outcome.IsValue)
        {
            outcome.Value.Dispose();
        }

        return outcome.IsValue || outcome.Rejection!.Reason.Length > 4;
    });

    private static byte[] Make(Random random)
    {
        var (width, height) = (random.Next(1, 20), random.Next(1, 20));
        switch (random.Next(3))
        {
            case 0:
                var bits = random.Next(2) == 0 ? 16 : 32;
                return new BmpFixture(width, height, bits) { HeaderSize = 108, Masks = BmpFixture.RandomMasks(bits, alpha: true, random) }.ToFile();
            case 1:
                return new GifFixture((random.Next(30), random.Next(30)), (random.Next(3), 0), (width, height)) { Interlaced = width % 2 == 0 }.ToFile().File;
            default:
                var photometric = random.Next(4);
                return new TiffFixture(width, height, 8, photometric)
                {
                    Compression = new[] { 1, 5, 8, 32773 }[random.Next(4)],
                    Separate = photometric == 2 && width % 2 == 0,
                    Tile = height % 3 == 0 ? (16, 16) : null,
                    BigEndian = height % 2 == 0,
                }.ToFile();
        }
    }
}
