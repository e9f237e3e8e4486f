using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Imaging.Decoding;

public sealed partial class ImageDecoderTests : IDisposable
{
    private static readonly Sample Any = new(3, "x.jpg", "x.jpg", null);

    private readonly string _folder = Directory.CreateTempSubdirectory("sketchflow-decode-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("missing", "no such file")]
    [InlineData("missing folder", "no such file")]
    [InlineData("folder", "a folder")]
    [InlineData("empty", "empty file")]
    [InlineData("pipe", "empty file")]
    [InlineData("link to a pipe", "empty file")]
    [InlineData("link to nothing", "no such file")]
    [InlineData("link to itself", "cannot be read")]
    [InlineData("text", "not an image")]
    [InlineData("zeros", "not an image")]
    [InlineData("jpeg half", "truncated JPEG")]
    [InlineData("jpeg without its end", "truncated JPEG")]
    [InlineData("jpeg header", "truncated JPEG")]
    [InlineData("jpeg start", "truncated JPEG")]
    [InlineData("jpeg cut in its thumbnail", "truncated JPEG")]
    [InlineData("jpeg without a scan", "damaged JPEG")]
    [InlineData("jpeg bomb", "65000x65000")]
    [InlineData("png half", "truncated PNG")]
    [InlineData("png without its end", "truncated PNG")]
    [InlineData("png bomb", "100000x100000")]
    [InlineData("png damaged", "damaged PNG")]
    [InlineData("png of no size", "damaged PNG")]
    [InlineData("bmp half", "truncated BMP")]
    [InlineData("bmp bomb", "pixels announced")]
    [InlineData("gif half", "GIF")]
    [InlineData("gif bomb", "65535x65535")]
    [InlineData("webp half", "truncated WebP")]
    [InlineData("webp bomb", "16384x16384")]
    [InlineData("tiff half", "TIFF")]
    [InlineData("tiff bomb", "pixels announced")]
    [InlineData("name with a zero", "not a file name")]
    public void Bad_files_are_rejected_with_a_reason(string kind, string reason)
    {
        var path = Path.Combine(_folder, "x.jpg");
        switch (kind)
        {
            case "missing":
                break;
            case "missing folder":
                path = Path.Combine(_folder, "none", "x.jpg");
                break;
            case "folder":
                path = _folder;
                break;
            case "pipe":
                NamedPipe.Create(path);
                break;
            case "link to a pipe":
                File.CreateSymbolicLink(path, NamedPipe.Create(path + ".pipe"));
                break;
            case "link to nothing":
                File.CreateSymbolicLink(path, path + ".none");
                break;
            case "link to itself":
                File.CreateSymbolicLink(path, path);
                break;
            case "name with a zero":
                path += "\0";
                break;
            default:
                File.WriteAllBytes(path, Bad(kind));
                break;
        }

        var outcome = ImageDecoder.Read(new DecodeOptions(), new Sample(3, "x.jpg", path, null));
        Assert.Contains(reason, outcome.Rejection!.Reason, StringComparison.Ordinal);
        Assert.Equal((3, "x.jpg"), (outcome.Rejection.Id, outcome.Rejection.Path));
        Assert.InRange(outcome.Rejection.Reason.Length, 4, 80);
    }

    [Fact]
    public void A_row_with_a_fault_is_rejected_with_it()
    {
        var outcome = ImageDecoder.Read(new DecodeOptions(), Any with { Fault = "target is no number" });
        Assert.Equal("target is no number", outcome.Rejection!.Reason);
    }

    [Fact]
    public void Every_cut_of_a_file_is_rejected_or_the_same_picture()
    {
        var (jpeg, png) = (Jpeg(TestImages.RandomImage(40, 30, 3, 1)), ImageEncoder.ToPng(TestImages.RandomImage(20, 15, 3, 1).ToPixels()));
        foreach (var whole in new[] { jpeg, png, Encoded(".webp", 3), Encoded(".bmp", 3), Encoded(".gif", 3) })
        {
            using var expected = ImageDecoder.Read(new DecodeOptions(), Any, whole).Value;
            for (var length = 1; length < whole.Length; length += Math.Max(1, whole.Length / 150))
            {
                var outcome = ImageDecoder.Read(new DecodeOptions(), Any, whole.AsSpan(0, length));
                if (outcome.IsValue)
                {
                    // Only bytes after the picture may be missing.
                    using var pixels = outcome.Value;
                    Assert.True(pixels.Bytes.SequenceEqual(expected.Bytes), $"{length} of {whole.Length} bytes decoded to another picture");
                }
            }
        }
    }

    [Property(MaxTest = 150)]
    public Property Any_bytes_are_pixels_or_a_rejection() => Prop.ForAll(
        Gen.Elements("JPEG", "PNG", "BMP", "GIF", "WebP", "TIFF", "none").ToArbitrary(),
        Gen.Choose(0, 1_000_000).ToArbitrary(),
        (kind, seed) =>
        {
            var random = new Random(seed);
            var bytes = kind switch
            {
                "JPEG" => Jpeg(TestImages.RandomImage(24, 24, 3, 1)),
                "PNG" => ImageEncoder.ToPng(TestImages.RandomImage(12, 12, 3, 1).ToPixels()),
                "BMP" => Encoded(".bmp", 3),
                "GIF" => Encoded(".gif", 3),
                "WebP" => Encoded(".webp", 4),
                "TIFF" => Encoded(".tiff", 3),
                _ => new byte[random.Next(1, 200)],
            };
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var outcome = ImageDecoder.Read(new DecodeOptions { MaxPixels = 1_000_000 }, Any, bytes);
            if (outcome.IsValue)
            {
                outcome.Value.Dispose();
            }

            return true;
        });

    [Fact]
    public void Bytes_after_the_end_of_a_jpeg_are_ignored()
    {
        var jpeg = Jpeg(TestImages.RandomImage(50, 40, 3, 2));
        using var plain = ImageDecoder.Read(new DecodeOptions(), Any, jpeg).Value;
        using var trailed = ImageDecoder.Read(new DecodeOptions(), Any, [.. jpeg, .. Encoding.ASCII.GetBytes("trailing garbage")]).Value;
        Assert.True(plain.Bytes.SequenceEqual(trailed.Bytes));
    }

    [Fact]
    public void The_end_of_a_thumbnail_is_not_the_end_of_the_jpeg()
    {
        var (thumbnail, jpeg) = (Jpeg(TestImages.RandomImage(8, 8, 3, 1)), Jpeg(TestImages.RandomImage(50, 40, 3, 2)));
        byte[] body = [.. Encoding.ASCII.GetBytes("Exif\0\0"), .. ImageFixtures.Exif(1, true), .. thumbnail];
        using var plain = ImageDecoder.Read(new DecodeOptions(), Any, jpeg).Value;
        using var nested = ImageDecoder.Read(new DecodeOptions(), Any, ImageFixtures.WithSegment(jpeg, 0xE1, body)).Value;
        Assert.True(plain.Bytes.SequenceEqual(nested.Bytes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Orientation_is_applied_in_every_format_and_mode(int orientation)
    {
        foreach (var channels in new[] { 1, 3 })
        {
            var picture = TestImages.RandomImage(17, 11, channels, 4);
            var jpeg = Jpeg(picture);
            using var stored = ImageDecoder.Read(new DecodeOptions(), Any, jpeg).Value;
            foreach (var little in new[] { true, false })
            {
                byte[] body = [.. Encoding.ASCII.GetBytes("Exif\0\0"), .. ImageFixtures.Exif(orientation, little)];
                using var turned = ImageDecoder.Read(new DecodeOptions(), Any, ImageFixtures.WithSegment(jpeg, 0xE1, body)).Value;
                AssertUpright(stored, turned, orientation);
            }

            var rows = Enumerable.Range(0, 11).Select(y => picture.Bytes[(y * 17 * channels)..((y + 1) * 17 * channels)]).ToArray();
            var (colourType, exif) = (channels == 1 ? 0 : 2, ImageFixtures.Exif(orientation, false));
            using var plain = ImageDecoder.Read(new DecodeOptions(), Any, ImageFixtures.Png(17, 11, 8, colourType, rows)).Value;
            using var png = ImageDecoder.Read(new DecodeOptions(), Any, ImageFixtures.Png(17, 11, 8, colourType, rows, ("eXIf", exif))).Value;
            AssertUpright(plain, png, orientation);
        }
    }

    [Fact]
    public void Transparency_is_composited_on_white()
    {
        // Black, transparent: white. Black, half: grey. Red, opaque: red. White, opaque: white.
        var png = ImageFixtures.Png(4, 1, 8, 6, [[0, 0, 0, 0, 0, 0, 0, 128, 255, 0, 0, 255, 255, 255, 255, 255]]);
        using var pixels = ImageDecoder.Read(new DecodeOptions(), Any, png).Value;
        Assert.Equal([255, 255, 255, 127, 127, 127, 0, 0, 255, 255, 255, 255], pixels.Bytes.ToArray());

        using var grey = ImageDecoder.Read(new DecodeOptions(), Any, ImageFixtures.Png(3, 1, 8, 4, [[0, 0, 0, 128, 40, 255]])).Value;
        Assert.Equal((1, new byte[] { 255, 127, 40 }), (grey.Channels, grey.Bytes.ToArray()), new ByBytes());

        var indexed = ImageFixtures.Png(2, 1, 8, 3, [[0, 1]], ("PLTE", [10, 10, 10, 9, 9, 9]), ("tRNS", [0, 255]));
        using var palette = ImageDecoder.Read(new DecodeOptions(), Any, indexed).Value;
        Assert.Equal((1, new byte[] { 255, 9 }), (palette.Channels, palette.Bytes.ToArray()), new ByBytes());

        using var level = ImageDecoder.Read(new DecodeOptions(), Any, ImageFixtures.Png(3, 1, 8, 0, [[0, 7, 200]], ("tRNS", [0, 7]))).Value;
        Assert.Equal([0, 255, 200], level.Bytes.ToArray());
    }

    [Theory]
    [InlineData(1, new byte[] { 0b10100000 }, new byte[] { 255, 0, 255 })]
    [InlineData(2, new byte[] { 0b11100100 }, new byte[] { 255, 170, 85 })]
    [InlineData(4, new byte[] { 0x0F, 0x80 }, new byte[] { 0, 255, 136 })]
    [InlineData(8, new byte[] { 0, 128, 255 }, new byte[] { 0, 128, 255 })]
    [InlineData(16, new byte[] { 0xFF, 0xFF, 0x80, 0x80, 0x01, 0x00 }, new byte[] { 255, 128, 1 })]
    public void Grey_of_any_depth_becomes_eight_bits(int bits, byte[] row, byte[] expected)
    {
        using var pixels = ImageDecoder.Read(new DecodeOptions(), Any, ImageFixtures.Png(3, 1, bits, 0, [row])).Value;
        Assert.Equal((1, expected), (pixels.Channels, pixels.Bytes.ToArray()), new ByBytes());
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".jpg")]
    [InlineData(".bmp")]
    [InlineData(".webp")]
    [InlineData(".tiff")]
    [InlineData(".gif")]
    public void One_pixel_is_an_image_in_every_format(string extension)
    {
        using var mat = new Mat(1, 1, MatType.CV_8UC3, Scalar.All(200));
        Cv2.ImEncode(extension, mat, out var bytes);
        using var pixels = ImageDecoder.Read(new DecodeOptions(), Any, bytes).Value;

        // OpenCV's GIF encoder quantises colours, so grey comes back tinted.
        Assert.Equal((1, 1, extension is ".gif" ? 3 : 1), (pixels.Width, pixels.Height, pixels.Channels));
        Assert.InRange(pixels.Bytes[0], extension is ".gif" ? 150 : 196, extension is ".gif" ? 250 : 204);
    }

    [Property(MaxTest = 60)]
    public Property Grey_saved_in_colour_decodes_to_its_luma() => Prop.ForAll(TestImages.Grey(), Gen.Choose(60, 100).ToArbitrary(), (picture, quality) =>
    {
        using var three = picture.Tripled().ToPixels();
        var jpeg = ImageEncoder.ToJpeg(three, quality);
        using var pixels = ImageDecoder.Read(new DecodeOptions { RememberGrey = false }, Any, jpeg).Value;
        using var luma = Cv2.ImDecode(jpeg, ImreadModes.Grayscale);
        return pixels.Channels == 1 && luma.GetArray(out byte[] expected) && pixels.Bytes.SequenceEqual(expected);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_grey_file_is_remembered_and_decodes_to_the_same_bytes(bool reduced)
    {
        var path = Path.Combine(_folder, "grey.jpg");
        using var drawing = TestImages.Drawing(640, 480);
        using var three = new RawImage(640, 480, 1, drawing.Bytes.ToArray()).Tripled().ToPixels();
        File.WriteAllBytes(path, ImageEncoder.ToJpeg(three, 90));
        var cacheKey = new GreyscaleCacheKey(new FileInfo(path).Length, File.GetLastWriteTimeUtc(path).Ticks, reduced ? 2 : 1);
        var (options, sample) = (new DecodeOptions { ReducedDecoding = reduced }, new Sample(1, "grey.jpg", path, null));
        Assert.False(ImageDecoder.IsKnownGrey(path, cacheKey));
        using var first = ImageDecoder.Read(options, sample).Value;
        Assert.True(ImageDecoder.IsKnownGrey(path, cacheKey));
        using var second = ImageDecoder.Read(options, sample).Value;
        Assert.Equal(1, first.Channels);
        Assert.True(first.Bytes.SequenceEqual(second.Bytes));

        // A changed file with the same name is decoded again.
        File.WriteAllBytes(path, Jpeg(TestImages.RandomImage(640, 480, 3, 1)));
        using var coloured = ImageDecoder.Read(options, sample).Value;
        Assert.Equal(3, coloured.Channels);
    }

    [Property(MaxTest = 100)]
    public Property One_coloured_pixel_makes_a_coloured_picture() => Prop.ForAll(TestImages.Grey(), Gen.Choose(0, 1_000_000).ToArbitrary(), (picture, seed) =>
    {
        var bytes = picture.Tripled().Bytes;
        var before = Greyscale.IsGrey(bytes);
        bytes[seed % bytes.Length] ^= 1;
        return before && !Greyscale.IsGrey(bytes);
    });

    [Fact]
    public void A_single_coloured_byte_is_found_at_every_position()
    {
        var bytes = new byte[3 * 257];
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = 1;
            Assert.False(Greyscale.IsGrey(bytes));
            bytes[i] = 0;
        }
    }

    [Theory]
    [InlineData(640, 480, 224, 2)]
    [InlineData(447, 300, 224, 1)]
    [InlineData(448, 300, 224, 2)]
    [InlineData(1000, 900, 224, 4)]
    [InlineData(5000, 20, 224, 8)]
    public void Reduced_decoding_keeps_at_least_the_target_side(int width, int height, int target, int divisor)
    {
        var jpeg = Jpeg(TestImages.RandomImage(width, height, 1, 1));
        using var pixels = ImageDecoder.Read(new DecodeOptions { ReducedDecoding = true, TargetSide = target }, Any, jpeg).Value;
        Assert.Equal(((width + divisor - 1) / divisor, (height + divisor - 1) / divisor), (pixels.Width, pixels.Height));
        using var whole = ImageDecoder.Read(new DecodeOptions { TargetSide = target }, Any, jpeg).Value;
        Assert.Equal((width, height), (whole.Width, whole.Height));
    }

    private static byte[] Jpeg(RawImage picture)
    {
        using var pixels = picture.ToPixels();
        return ImageEncoder.ToJpeg(pixels, 92);
    }

    private static byte[] Encoded(string extension, int channels)
    {
        using var mat = new Mat(30, 20, channels == 4 ? MatType.CV_8UC4 : MatType.CV_8UC3, new Scalar(30, 90, 200, 120));
        Cv2.Rectangle(mat, new Rect(4, 5, 9, 12), new Scalar(10, 250, 60, 255), 2);
        Cv2.ImEncode(extension, mat, out var bytes);
        return bytes;
    }

    private static byte[] Bad(string kind)
    {
        var jpeg = Jpeg(TestImages.RandomImage(64, 48, 3, 1));
        var png = ImageEncoder.ToPng(TestImages.RandomImage(64, 48, 3, 1).ToPixels());
        var scan = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xDA]);
        switch (kind)
        {
            case "empty":
                return [];
            case "text":
                return Encoding.ASCII.GetBytes("This is no picture, though it is called one.");
            case "zeros":
                return new byte[1000];
            case "jpeg half":
                return jpeg[..(jpeg.Length / 2)];
            case "jpeg without its end":
                return jpeg[..^2];
            case "jpeg header":
                return jpeg[..30];
            case "jpeg start":
                return jpeg[..3];
            case "jpeg cut in its thumbnail":
                byte[] body = [.. Encoding.ASCII.GetBytes("Exif\0\0"), .. ImageFixtures.Exif(1, true), .. Jpeg(TestImages.RandomImage(8, 8, 3, 1))];
                return ImageFixtures.WithSegment(jpeg, 0xE1, body)[..(2 + 4 + body.Length)];
            case "jpeg without a scan":
                return [.. jpeg.AsSpan(0, scan), 0xFF, 0xD9];
            case "jpeg bomb":
                var frame = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
                BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 5), 65000);
                BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 7), 65000);
                return jpeg;
            case "png half":
                return png[..(png.Length / 2)];
            case "png without its end":
                return png[..^12];
            case "png bomb":
                return ImageFixtures.Png(100_000, 100_000, 8, 0, [[0]]);
            case "png of no size":
                return ImageFixtures.Png(0, 5, 8, 0, [[0]]);
            case "png damaged":
                png.AsSpan(60, 200).Fill(7);
                return png;
            case "bmp half":
                return Encoded(".bmp", 3)[..900];
            case "bmp bomb":
                var bmp = Encoded(".bmp", 3);
                BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), 60_000);
                BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), 60_000);
                return bmp;
            case "gif half":
                return Encoded(".gif", 3)[..^30];
            case "gif bomb":
                var gif = Encoded(".gif", 3);
                gif.AsSpan(6, 4).Fill(0xFF);
                return gif;
            case "webp half":
                return Encoded(".webp", 3)[..^20];
            case "webp bomb":
                byte[] webp = [.. "RIFF"u8, 30, 0, 0, 0, .. "WEBPVP8L"u8, 10, 0, 0, 0, 0x2F, 0xFF, 0xFF, 0xFF, 0x0F, .. new byte[20]];
                return webp;
            case "tiff half":
                return Encoded(".tiff", 3)[..60];
            case "tiff bomb":
                return Tiff(60_000, 60_000);
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such fixture");
        }
    }

    private static byte[] Tiff(int width, int height)
    {
        var file = new byte[38];
        Encoding.ASCII.GetBytes("II*\0").CopyTo(file, 0);
        file[4] = 8;
        file[8] = 2;
        foreach (var (at, tag, value) in new[] { (10, 256, width), (22, 257, height) })
        {
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)tag);
            file[at + 2] = 4;
            file[at + 4] = 1;
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at + 8), value);
        }

        return file;
    }

    private static void AssertUpright(Pixels stored, Pixels upright, int orientation)
    {
        var (w, h) = (stored.Width, stored.Height);
        Assert.Equal(orientation >= 5 ? (h, w) : (w, h), (upright.Width, upright.Height));
        for (var y = 0; y < upright.Height; y++)
        {
            for (var x = 0; x < upright.Width; x++)
            {
                var (sx, sy) = orientation switch
                {
                    1 => (x, y),
                    2 => (w - 1 - x, y),
                    3 => (w - 1 - x, h - 1 - y),
                    4 => (x, h - 1 - y),
                    5 => (y, x),
                    6 => (y, h - 1 - x),
                    7 => (w - 1 - y, h - 1 - x),
                    _ => (w - 1 - y, x),
                };
                Assert.Equal(stored.Bytes[((sy * w) + sx) * stored.Channels], upright.Bytes[((y * upright.Width) + x) * upright.Channels]);
            }
        }
    }

    private sealed class ByBytes : IEqualityComparer<(int Channels, byte[] Bytes)>
    {
        public bool Equals((int Channels, byte[] Bytes) x, (int Channels, byte[] Bytes) y) =>
            x.Channels == y.Channels && x.Bytes.AsSpan().SequenceEqual(y.Bytes);

        public int GetHashCode((int Channels, byte[] Bytes) obj) => obj.Channels;
    }
}
