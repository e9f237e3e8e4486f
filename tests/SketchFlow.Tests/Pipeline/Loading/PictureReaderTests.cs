using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Reports.Pages;
using SketchFlow.Tests.Data.Files;
using SkiaSharp;

namespace SketchFlow.Tests.Pipeline.Loading;

/// <summary>The pictures of pages follow the decoder's rules on files that have failed before.</summary>
public sealed class PictureReaderTests
{
    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(Path.Combine(Reference.Folder, "cases", "images")).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_that_the_decoder_reads_has_a_picture_of_its_aspect_and_another_has_none(string name)
    {
        var sample = Sample(Path.Combine(Reference.Folder, "cases", "images", name));
        var decoded = ImageDecoder.Read(new DecodeOptions(), sample);
        using var pixels = PictureReader.Read(sample, 64);
        Assert.Equal(decoded.IsValue, pixels is not null);
        if (pixels is null)
        {
            return;
        }

        using var whole = decoded.Value;
        Assert.InRange(Math.Abs(((double)pixels.Width / pixels.Height) - ((double)whole.Width / whole.Height)), 0, 0.05);
        Assert.StartsWith("data:image/webp;base64,", Thumbnail.ToDataUri(pixels, 64), StringComparison.Ordinal);
        Assert.NotEmpty(ImageGrid.Draw(name, [new GridImage(() => PictureReader.Read(sample, ImageGrid.Side), ["one"])]));
    }

    [Fact]
    public void A_photo_on_its_side_is_shown_upright()
    {
        // EXIF orientation 6: the camera was turned by 90 degrees.
        using var folder = new TemporaryFolder();
        using var bitmap = new SKBitmap(40, 20);
        bitmap.Erase(SKColors.White);
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        byte[] orientation =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0,
        ];
        var bytes = jpeg.ToArray();
        File.WriteAllBytes(folder["turned.jpg"], [.. bytes[..2], .. orientation, .. bytes[2..]]);
        using var pixels = PictureReader.Read(Sample(folder["turned.jpg"]), 64)!;
        Assert.Equal((20, 40), (pixels.Width, pixels.Height));
    }

    [Fact]
    public void A_small_file_that_declares_a_huge_image_has_no_picture()
    {
        using var folder = new TemporaryFolder();
        using var bitmap = new SKBitmap(2, 2);
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        var bytes = png.ToArray();
        // IHDR follows the signature of 8 bytes, a length and a name of 4 bytes each.
        bytes[16] = bytes[20] = 0x01;
        File.WriteAllBytes(folder["bomb.png"], bytes);
        Assert.Null(PictureReader.Read(Sample(folder["bomb.png"]), 64));
    }

    private static Sample Sample(string path) => new(0, Path.GetFileName(path), path, null);
}
