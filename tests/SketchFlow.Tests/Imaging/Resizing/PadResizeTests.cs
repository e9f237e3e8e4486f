using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Tests.Imaging.Resizing;

public sealed class PadResizeTests
{
    [Property(MaxTest = 200)]
    public Property Letterbox_keeps_aspect_and_centre() => Prop.ForAll(Gen.Choose(1, 900).Two().ToArbitrary(), Gen.Choose(1, 300).ToArbitrary(), (size, side) =>
    {
        var (width, height) = size;
        var place = PadResize.LetterboxPosition(width, height, side);
        var scale = (double)side / Math.Max(width, height);
        return Math.Max(place.Width, place.Height) == side
            && (Math.Abs(place.Width - (width * scale)) <= 0.5 + 1e-9 || place.Width == 1)
            && (Math.Abs(place.Height - (height * scale)) <= 0.5 + 1e-9 || place.Height == 1)
            && side - place.Width - (2 * place.X) is 0 or 1
            && side - place.Height - (2 * place.Y) is 0 or 1;
    });

    [Property(MaxTest = 100)]
    public Property Letterbox_never_crops_and_pads_with_white() => Prop.ForAll(TestImages.Any(), Gen.Choose(1, 90).ToArbitrary(), (picture, side) =>
    {
        // A black image on white: black exactly at the image's position.
        using var input = (picture with { Bytes = new byte[picture.Bytes.Length] }).ToPixels();
        using var result = PadResize.Letterbox(input, side);
        var place = PadResize.LetterboxPosition(picture.Width, picture.Height, side);
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side * result.Channels; x++)
            {
                var inside = place.Contains(x / result.Channels, y);
                if (result.Bytes[(y * side * result.Channels) + x] != (inside ? 0 : 255))
                {
                    return false;
                }
            }
        }

        return (result.Width, result.Height, result.Channels) == (side, side, picture.Channels) && input.Bytes.IndexOfAnyExcept((byte)0) < 0;
    });

    [Property(MaxTest = 100)]
    public Property One_level_is_kept_in_every_mode() => Prop.ForAll(TestImages.Any(), Levels(), Gen.Choose(1, 80).ToArbitrary(), (picture, level, side) =>
    {
        var bytes = new byte[picture.Bytes.Length];
        Array.Fill(bytes, (byte)level);
        using var input = (picture with { Bytes = bytes }).ToPixels();
        foreach (var fit in Enum.GetValues<ResizeMode>())
        {
            foreach (var growth in Enum.GetValues<Upsampling>())
            {
                using var result = PadResize.Run(new PadResizeOptions { Side = side, Fit = fit, Upsampling = growth, Fill = (byte)level }, input);
                if (result.Width != side || result.Height != side || result.Channels != picture.Channels || result.Bytes.IndexOfAnyExcept((byte)level) >= 0)
                {
                    return false;
                }
            }
        }

        return true;
    });

    [Property(MaxTest = 60)]
    public Property Grey_in_one_channel_or_in_three_resizes_the_same() => Prop.ForAll(TestImages.Grey(), Gen.Choose(1, 100).ToArbitrary(), (picture, side) =>
    {
        using var one = picture.ToPixels();
        using var three = picture.Tripled().ToPixels();
        foreach (var fit in Enum.GetValues<ResizeMode>())
        {
            using var grey = PadResize.Run(new PadResizeOptions { Side = side, Fit = fit }, one);
            using var colour = PadResize.Run(new PadResizeOptions { Side = side, Fit = fit }, three);
            for (var i = 0; i < colour.Length; i++)
            {
                if (colour.Bytes[i] != grey.Bytes[i / 3])
                {
                    return false;
                }
            }
        }

        return true;
    });

    [Property(MaxTest = 150)]
    public Property Vectors_and_scalars_shrink_to_the_same_bytes() => Prop.ForAll(Shrinks(), Gen.Elements(1, 3).ToArbitrary(), (sizes, channels) =>
    {
        var (source, target) = sizes;
        var picture = TestImages.RandomImage(source.Width, source.Height, channels, source.Width + target.Height);
        var (fast, slow) = (new byte[target.Width * target.Height * channels], new byte[target.Width * target.Height * channels]);
        new AreaResampler().Shrink(picture.ToSpan(), fast, target.Width * channels, ResizeWindow.Whole(target.Width, target.Height));
        new AreaResampler { Vectorised = false }.Shrink(picture.ToSpan(), slow, target.Width * channels, ResizeWindow.Whole(target.Width, target.Height));
        return fast.AsSpan().SequenceEqual(slow);
    });

    [Property(MaxTest = 100)]
    public Property Shrinking_averages_by_area_as_OpenCV_does() => Prop.ForAll(Shrinks(), Gen.Elements(1, 3).ToArbitrary(), (sizes, channels) =>
    {
        var (source, target) = sizes;
        using var input = TestImages.RandomImage(source.Width, source.Height, channels, source.Height + target.Width).ToPixels();
        using var ours = PadResize.Stretch(input, target.Width, target.Height);
        using var mat = Mat.FromPixelData(source.Height, source.Width, channels == 1 ? MatType.CV_8UC1 : MatType.CV_8UC3, input.Bytes.ToArray());
        using var theirs = new Mat();
        Cv2.Resize(mat, theirs, new Size(target.Width, target.Height), 0, 0, InterpolationFlags.Area);
        using var flat = theirs.Reshape(1, 1);
        flat.GetArray(out byte[] expected);
        for (var i = 0; i < expected.Length; i++)
        {
            if (Math.Abs(expected[i] - ours.Bytes[i]) > 1)
            {
                return false;
            }
        }

        return true;
    });

    [Fact]
    public void The_same_size_is_a_copy()
    {
        using var input = TestImages.RandomImage(30, 30, 3, 1).ToPixels();
        using var boxed = PadResize.Letterbox(input, 30);
        Assert.True(boxed.Bytes.SequenceEqual(input.Bytes));
    }

    [Fact]
    public void Centre_crop_keeps_the_centre()
    {
        // A white dot in the middle of a wide black page.
        using var input = new RawImage(400, 100, 1, new byte[40_000]).ToPixels();
        input.Bytes[(50 * 400) + 200] = 255;
        using var result = PadResize.CentreCrop(input, 50, 0.5);
        Assert.Equal(255, result.Bytes[(25 * 50) + 25]);
    }

    [Fact]
    public void A_very_long_strip_is_accepted()
    {
        using var input = TestImages.RandomImage(20_000, 3, 1, 1).ToPixels();
        using var result = PadResize.Letterbox(input, 224);
        Assert.Equal((224, 224), (result.Width, result.Height));
    }

    [Theory]
    [InlineData(0, 0.9, "image size 0")]
    [InlineData(224, 1.5, "crop_pct 1.5")]
    [InlineData(224, 0.001, "crop_pct 0.001")]
    public void Impossible_sizes_are_rejected(int side, double crop, string found) =>
        Assert.Contains(
            found, Assert.Throws<RefusalException>(new PadResizeOptions { Side = side, CropPercent = crop }.Check).Message, StringComparison.Ordinal);

    private static Arbitrary<int> Levels() => Gen.Choose(0, 255).ToArbitrary();

    private static Arbitrary<(ImageSize Source, ImageSize Target)> Shrinks() =>
        (from w in Gen.Choose(1, 400)
         from h in Gen.Choose(1, 60)
         from tw in Gen.Choose(Math.Max(1, w / 12), w)
         from th in Gen.Choose(Math.Max(1, h / 12), h)
         select (new ImageSize(w, h), new ImageSize(tw, th))).ToArbitrary();
}
