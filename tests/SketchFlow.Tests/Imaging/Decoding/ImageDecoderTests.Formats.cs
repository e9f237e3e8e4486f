using System.Text;
using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;

namespace SketchFlow.Tests.Imaging.Decoding;

/// <summary>Files of every format and kind, written byte by byte: each gives the expected pixels or a rejection with its reason.</summary>
public sealed partial class ImageDecoderTests
{
    private const int Width = 9;
    private const int Height = 6;

    public static TheoryData<int, int, bool> Pngs()
    {
        var data = new TheoryData<int, int, bool>();
        foreach (var (colour, depths) in new[] { (0, new[] { 1, 2, 4, 8, 16 }), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16]) })
        {
            foreach (var depth in depths)
            {
                data.Add(colour, depth, false);
                data.Add(colour, depth, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Pngs))]
    public void Every_kind_of_png_decodes_to_its_samples(int colour, int depth, bool interlaced)
    {
        var components = colour switch { 0 or 3 => 1, 4 => 2, 2 => 3, _ => 4 };
        var most = (1 << depth) - 1;
        var samples = new Random((colour * 100) + depth).GetItems(Enumerable.Range(0, most + 1).ToArray(), Width * Height * components);
        byte[] palette = [.. Enumerable.Range(0, Math.Min(256, most + 1) * 3).Select(i => (byte)(i * 37))];
        byte[] opacities = [.. Enumerable.Range(0, Math.Min(256, most + 1)).Select(i => (byte)(i % 3 == 1 ? 100 : 255))];
        (string, byte[])[] extra = colour == 3 ? [("PLTE", palette), ("tRNS", opacities)] : [];
        var png = ImageFixtures.Png(Width, Height, depth, colour, samples, interlaced, extra);
        using var pixels = Read(png);
        Assert.Equal((Width, Height), (pixels.Width, pixels.Height));
        for (var i = 0; i < Width * Height; i++)
        {
            double At(int c) => samples[(i * components) + c] * 255.0 / most;
            var (red, green, blue, alpha) = colour switch
            {
                0 => (At(0), At(0), At(0), 255.0),
                2 => (At(0), At(1), At(2), 255.0),
                3 => (palette[samples[i] * 3], palette[(samples[i] * 3) + 1], palette[(samples[i] * 3) + 2], opacities[samples[i]]),
                4 => (At(0), At(0), At(0), At(1)),
                _ => (At(0), At(1), At(2), At(3)),
            };
            AssertPixel(pixels, i, OnPaper(red, alpha), OnPaper(green, alpha), OnPaper(blue, alpha), depth == 16 || alpha < 255 ? 1 : 0);
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void The_transparent_colour_of_a_png_becomes_white(int depth)
    {
        var key = depth == 8 ? new[] { 10, 20, 30 } : [1000, 2000, 3000];
        var other = depth == 8 ? new[] { 10, 20, 31 } : [1000, 2000, 3500];
        byte[] body = [.. key.SelectMany(k => new[] { (byte)(k >> 8), (byte)k })];
        using var pixels = Read(ImageFixtures.Png(2, 1, depth, 2, [.. key, .. other], false, ("tRNS", body)));
        AssertPixel(pixels, 0, 255, 255, 255, 0);
        var scale = depth == 8 ? 1 : 257.0;
        AssertPixel(pixels, 1, other[0] / scale, other[1] / scale, other[2] / scale, 1);
    }

    [Theory]
    [InlineData("baseline")]
    [InlineData("progressive")]
    [InlineData("optimised")]
    [InlineData("restarts")]
    [InlineData("4:4:4")]
    public void Every_coding_of_a_jpeg_decodes_to_the_same_picture(string coding)
    {
        using var picture = Coloured();
        ImageEncodingParam quality = new(ImwriteFlags.JpegQuality, 90);
        ImageEncodingParam[] parameters = coding switch
        {
            "progressive" => [quality, new(ImwriteFlags.JpegProgressive, 1)],
            "optimised" => [quality, new(ImwriteFlags.JpegOptimize, 1)],
            "restarts" => [quality, new(ImwriteFlags.JpegRstInterval, 1)],
            // IMWRITE_JPEG_SAMPLING_FACTOR, which OpenCvSharp does not name.
            "4:4:4" => [quality, new((ImwriteFlags)7, 0x111111)],
            _ => [quality],
        };
        Cv2.ImEncode(".jpg", picture, out var file, parameters);
        Assert.Equal(coding == "progressive", file.AsSpan().IndexOf([(byte)0xFF, (byte)0xC2]) >= 0);
        using var pixels = Read(file);
        Cv2.ImEncode(".jpg", picture, out var plain, quality);
        using var expected = Read(plain);
        if (coding != "4:4:4")
        {
            Assert.True(expected.Bytes.SequenceEqual(pixels.Bytes));
        }

        for (var i = 0; i < pixels.Width * pixels.Height; i++)
        {
            var golden = picture.At<Vec3b>(i / pixels.Width, i % pixels.Width);
            AssertPixel(pixels, i, golden.Item2, golden.Item1, golden.Item0, 8);
        }
    }

    // Levels of two blocks, then the expected red, green, blue of both.
    [Theory]
    [InlineData("grey", new byte[] { 40 }, new byte[] { 200 }, new byte[] { 40, 40, 40, 200, 200, 200 })]
    [InlineData("colour", new byte[] { 81, 90, 240 }, new byte[] { 255, 128, 128 }, new byte[] { 238, 14, 14, 255, 255, 255 })]
    [InlineData("rgb", new byte[] { 10, 200, 30 }, new byte[] { 255, 255, 255 }, new byte[] { 10, 200, 30, 255, 255, 255 })]
    [InlineData("cmyk", new byte[] { 0, 255, 255, 255 }, new byte[] { 255, 255, 255, 255 }, new byte[] { 0, 255, 255, 255, 255, 255 })]
    [InlineData("cmyk black", new byte[] { 255, 255, 255, 0 }, new byte[] { 255, 0, 0, 128 }, new byte[] { 0, 0, 0, 128, 0, 0 })]
    [InlineData("ycck", new byte[] { 0, 128, 128, 255 }, new byte[] { 255, 128, 128, 255 }, new byte[] { 255, 255, 255, 0, 0, 0 })]
    public void Every_colour_space_of_a_jpeg_decodes_to_its_levels(string space, byte[] left, byte[] right, byte[] golden)
    {
        var adobe = space switch { "rgb" or "cmyk" or "cmyk black" => 0, "ycck" => 2, "colour" => 1, _ => -1 };
        using var pixels = Read(ImageFixtures.FlatJpeg(left, right, adobe));
        Assert.Equal((16, 8), (pixels.Width, pixels.Height));
        AssertPixel(pixels, 20, golden[0], golden[1], golden[2], 2);
        AssertPixel(pixels, 30, golden[3], golden[4], golden[5], 2);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(24)]
    [InlineData(32)]
    public void Every_depth_of_a_bmp_decodes_to_its_rows(int bits)
    {
        var colours = Enumerable.Range(0, bits <= 8 ? 1 << bits : 0).Select(i => (byte[])[(byte)(i * 91), (byte)(i * 53), (byte)(255 - (i * 17)), 0]).ToArray();
        foreach (var topDown in new[] { false, true })
        {
            var random = new Random(bits);
            var (file, expected) = ImageFixtures.Bmp(Width, Height, bits, colours, topDown, random);
            using var pixels = Read(file);
            Assert.Equal((Width, Height), (pixels.Width, pixels.Height));
            for (var i = 0; i < Width * Height; i++)
            {
                AssertPixel(pixels, i, expected[i].Red, expected[i].Green, expected[i].Blue, 0);
            }
        }
    }

    [Fact]
    public void The_first_frame_of_an_animated_gif_is_decoded_on_white()
    {
        // Palette: 0 transparent, 1 red, 2 blue. The first frame covers columns 1-2 of 4; the second is all blue.
        var gif = ImageFixtures.Gif(4, 1, [(1, 2, [0, 1]), (0, 4, [2, 2, 2, 2])]);
        using var pixels = Read(gif);
        Assert.Equal((4, 1), (pixels.Width, pixels.Height));
        AssertPixel(pixels, 0, 255, 255, 255, 0);
        AssertPixel(pixels, 1, 255, 255, 255, 0);
        AssertPixel(pixels, 2, 255, 0, 0, 0);
        AssertPixel(pixels, 3, 255, 255, 255, 0);
    }

    [Theory]
    [InlineData("lossless")]
    [InlineData("lossy")]
    [InlineData("alpha")]
    [InlineData("moving")]
    public void Every_kind_of_webp_decodes_to_its_picture_on_white(string kind)
    {
        using var picture = Coloured();
        using var clear = new Mat();
        Cv2.CvtColor(picture, clear, ColorConversionCodes.BGR2BGRA);
        clear.Set(0, 0, new Vec4b(0, 0, 0, 0));
        Cv2.ImEncode(".webp", kind == "alpha" ? clear : picture, out var file, new ImageEncodingParam(ImwriteFlags.WebPQuality, kind == "lossy" ? 95 : 101));
        using var pixels = Read(kind == "moving" ? ImageFixtures.MovingWebP(file, picture.Width, picture.Height) : file);
        Assert.Equal((picture.Width, picture.Height), (pixels.Width, pixels.Height));
        for (var i = 1; i < pixels.Width * pixels.Height; i++)
        {
            var golden = picture.At<Vec3b>(i / pixels.Width, i % pixels.Width);
            AssertPixel(pixels, i, golden.Item2, golden.Item1, golden.Item0, kind == "lossy" ? 12 : 0);
        }

        if (kind == "alpha")
        {
            AssertPixel(pixels, 0, 255, 255, 255, 0);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void The_orientation_of_a_webp_is_applied(int orientation)
    {
        using var picture = Coloured();
        Cv2.ImEncode(".webp", picture, out var file, new ImageEncodingParam(ImwriteFlags.WebPQuality, 101));
        using var pixels = Read(ImageFixtures.WebPWithExif(file, picture.Width, picture.Height, ImageFixtures.Exif(orientation, little: true)));
        var golden = orientation == 1 ? picture.At<Vec3b>(0, 0) : picture.At<Vec3b>(picture.Height - 1, 0);
        Assert.Equal(orientation == 1 ? (picture.Width, picture.Height) : (picture.Height, picture.Width), (pixels.Width, pixels.Height));
        AssertPixel(pixels, 0, golden.Item2, golden.Item1, golden.Item0, 0);
    }

    [Theory]
    [InlineData("bilevel, white is zero", 1, 0, new byte[] { 0b01000000 }, new byte[] { 255, 255, 255, 0, 0, 0, 255, 255, 255 })]
    [InlineData("bilevel, black is zero", 1, 1, new byte[] { 0b01000000 }, new byte[] { 0, 0, 0, 255, 255, 255, 0, 0, 0 })]
    [InlineData("grey", 8, 1, new byte[] { 0, 100, 255 }, new byte[] { 0, 0, 0, 100, 100, 100, 255, 255, 255 })]
    [InlineData("grey, white is zero", 8, 0, new byte[] { 0, 100, 255 }, new byte[] { 255, 255, 255, 155, 155, 155, 0, 0, 0 })]
    [InlineData("grey of 16 bits", 16, 1, new byte[] { 0, 0, 0x80, 0x80, 0xFF, 0xFF }, new byte[] { 0, 0, 0, 128, 128, 128, 255, 255, 255 })]
    [InlineData("colour", 8, 2, new byte[] { 9, 8, 7, 255, 0, 1, 30, 60, 90 }, new byte[] { 9, 8, 7, 255, 0, 1, 30, 60, 90 })]
    [InlineData("palette", 8, 3, new byte[] { 0, 1, 2 }, new byte[] { 0, 10, 20, 50, 60, 70, 100, 110, 120 })]
    public void Every_kind_of_tiff_decodes_to_its_strip(string kind, int bits, int photometric, byte[] strip, byte[] golden)
    {
        foreach (var little in new[] { true, false })
        {
            // 16-bit samples have the file's byte order; the bytes of these are symmetric.
            using var pixels = Read(ImageFixtures.Tiff(3, bits, photometric, strip, little));
            for (var i = 0; i < 3; i++)
            {
                AssertPixel(pixels, i, golden[i * 3], golden[(i * 3) + 1], golden[(i * 3) + 2], 0, kind);
            }
        }
    }

    [Fact]
    public void A_tiff_with_alpha_is_composited_on_white()
    {
        using var pixels = Read(ImageFixtures.Tiff(2, 8, 2, [0, 0, 0, 0, 200, 100, 50, 255], little: true, extraSample: true));
        AssertPixel(pixels, 0, 255, 255, 255, 0);
        AssertPixel(pixels, 1, 200, 100, 50, 1);
    }

    [Theory]
    [InlineData("float TIFF", "8 or 16 bits")]
    [InlineData("JPEG of 12 bits", "12 bits")]
    [InlineData("lossless JPEG", "lossless")]
    [InlineData("PNG of an unknown colour type", "damaged PNG")]
    [InlineData("BMP of 5 bits", "BMP")]
    [InlineData("PNG whose data ends early", "PNG")]
    [InlineData("HEIC", "a HEIC image, which is not supported; convert it to PNG or JPEG")]
    [InlineData("SVG", "an SVG drawing, which is not supported; convert it to PNG or JPEG")]
    public void Unsupported_files_are_rejected_with_a_reason(string kind, string reason)
    {
        byte[] file;
        switch (kind)
        {
            case "float TIFF":
                file = ImageFixtures.Tiff(1, 32, 1, [0, 0, 0x80, 0x3F], little: true, sampleFormat: 3);
                break;
            case "JPEG of 12 bits" or "lossless JPEG":
                file = ImageFixtures.FlatJpeg([40], [200], -1);
                var frame = file.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
                if (kind == "lossless JPEG")
                {
                    file[frame + 1] = 0xC3;
                }
                else
                {
                    (file[frame + 1], file[frame + 4]) = (0xC1, 12);
                }

                break;
            case "PNG of an unknown colour type":
                file = ImageFixtures.Png(1, 1, 8, 7, [[0]]);
                break;
            case "BMP of 5 bits":
                file = ImageFixtures.Bmp(Width, Height, 24, [], false, new Random(1)).File;
                file[28] = 5;
                break;
            case "PNG whose data ends early":
                file = ImageFixtures.Png(40, 40, 8, 2, [new byte[120], new byte[120]]);
                break;
            case "HEIC":
                file = [0, 0, 0, 24, .. "ftypheic"u8, .. new byte[40]];
                break;
            default:
                file = Encoding.ASCII.GetBytes("<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>");
                break;
        }

        Assert.Contains(reason, ImageDecoder.Read(new DecodeOptions(), Any, file).Rejection!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bomb_limit_is_an_option_and_64_megapixels_by_default()
    {
        Assert.Equal(64_000_000, new DecodeOptions().MaxPixels);
        var png = ImageFixtures.Png(20, 10, 8, 0, [.. Enumerable.Repeat(new byte[20], 10)]);
        using var whole = ImageDecoder.Read(new DecodeOptions { MaxPixels = 200 }, Any, png).Value;
        Assert.Equal("20x10 pixels announced, more than 199", ImageDecoder.Read(new DecodeOptions { MaxPixels = 199 }, Any, png).Rejection!.Reason);
    }

    private static Pixels Read(byte[] file)
    {
        var outcome = ImageDecoder.Read(new DecodeOptions(), Any, file);
        Assert.True(outcome.IsValue, outcome.IsValue ? "" : outcome.Rejection!.Reason);
        return outcome.Value;
    }

    // A smooth image, so that JPEG and WebP change it little.
    private static Mat Coloured()
    {
        var mat = new Mat(40, 48, MatType.CV_8UC3);
        for (var y = 0; y < 40; y++)
        {
            for (var x = 0; x < 48; x++)
            {
                mat.Set(y, x, new Vec3b((byte)(60 + (2 * x)), (byte)(200 - (3 * y)), (byte)(90 + x + y)));
            }
        }

        return mat;
    }

    private static double OnPaper(double level, double alpha) => ((level * alpha) + (255 * (255 - alpha))) / 255;

    // Seven parameters: an image, an index, three levels, a tolerance and a text for the message.
    private static void AssertPixel(Pixels pixels, int i, double red, double green, double blue, double within, string? what = null)
    {
        var at = i * pixels.Channels;
        var found = pixels.Channels == 1
            ? (pixels.Bytes[at], pixels.Bytes[at], pixels.Bytes[at])
            : (pixels.Bytes[at + 2], pixels.Bytes[at + 1], pixels.Bytes[at]);
        Assert.True(
            Math.Abs(found.Item1 - red) <= within + 0.51 && Math.Abs(found.Item2 - green) <= within + 0.51 && Math.Abs(found.Item3 - blue) <= within + 0.51,
            $"{what} pixel {i} is {found}, not ({red:0.#}, {green:0.#}, {blue:0.#}) within {within}");
    }
}
