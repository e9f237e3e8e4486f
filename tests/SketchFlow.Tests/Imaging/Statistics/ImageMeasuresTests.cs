using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Duplicates;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.Statistics;
using SketchFlow.Tests.Imaging.Duplicates;

namespace SketchFlow.Tests.Imaging.Statistics;

public class ImageMeasuresTests
{
    [Fact]
    public void All_values_are_in_their_ranges_for_any_image() => Prop.ForAll(TestImages.Any(), raw =>
    {
        using var image = raw.ToPixels();
        var m = ImageMeasures.Measure(image);
        Assert.Equal((raw.Width, raw.Height), (m.Width, m.Height));
        Assert.InRange(m.Brightness, 0, 1);
        Assert.InRange(m.Contrast, 0, 0.5);
        Assert.InRange(m.Colour, 0, 1);
        Assert.InRange(m.InkShare, 0, 1);
        // Ink has at least one pixel next to paper.
        Assert.InRange(m.StrokeWidth, 0, 16 / Math.PI * raw.Width * raw.Height);
        Assert.Equal(raw.Width / (double)raw.Height, m.Aspect);
        Assert.Equal(raw.Bytes, image.Bytes.ToArray());
    }).Check(TestImages.Runs(200));

    [Fact]
    public void A_negative_has_dark_paper_and_the_same_ink() => Prop.ForAll(Strokes(), drawing =>
    {
        using var image = drawing.ToPixels();
        using var negative = drawing.Inverted().ToPixels();
        var (a, b) = (ImageMeasures.Measure(image), ImageMeasures.Measure(negative));
        Assert.Equal((false, true), (a.IsDarkPaper, b.IsDarkPaper));
        Assert.Equal((a.InkShare, a.StrokeWidth), (b.InkShare, b.StrokeWidth));
        Assert.Equal(1, a.Brightness + b.Brightness, 1e-12);
        Assert.Equal(a.Contrast, b.Contrast, 1e-12);
    }).Check(TestImages.Runs(100));

    [Fact]
    public void Grey_is_measured_equally_in_one_and_in_three_channels() => Prop.ForAll(TestImages.Grey(), raw =>
    {
        using var grey = raw.ToPixels();
        using var tripled = raw.Tripled().ToPixels();
        Assert.Equal(ImageMeasures.Measure(grey), ImageMeasures.Measure(tripled));
    }).Check(TestImages.Runs(50));

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void The_width_of_a_straight_stroke_is_right_within_ten_percent_in_every_direction(int width)
    {
        for (var degrees = 0; degrees < 180; degrees += 15)
        {
            using var image = Line(200, width, degrees);
            var m = ImageMeasures.Measure(image);
            // A line of whole pixels is not exactly that wide; its area is.
            var expected = m.InkShare * image.Width * image.Height / 160;
            Assert.InRange(m.StrokeWidth, 0.9 * expected, 1.1 * expected);
        }
    }

    [Fact]
    public void Thickened_sketches_have_wider_strokes_and_more_ink()
    {
        var sketches = DataSetReader.Read(Path.Combine(Reference.Folder, "data", "pacs-sketch")).Train.Where((_, i) => i % 80 == 0);
        foreach (var sample in sketches)
        {
            using var image = ImageDecoder.Read(new DecodeOptions(), sample).Value;
            using var thick = StrokeWidth.Thicken(image, 2);
            var (a, b) = (ImageMeasures.Measure(image), ImageMeasures.Measure(thick));
            Assert.True(b.StrokeWidth > 1.2 * a.StrokeWidth, $"{sample}: {a.StrokeWidth} and {b.StrokeWidth}");
            Assert.True(b.InkShare > 1.2 * a.InkShare, $"{sample}: {a.InkShare} and {b.InkShare}");
        }
    }

    [Fact]
    public void Blank_sheets_have_no_ink_and_colour_is_measured()
    {
        using var sheet = Image(30, 20, 1, _ => 250);
        Assert.Equal((0, 0, false, 0), Ink(sheet));
        using var noise = Image(30, 20, 1, i => (byte)(i % 7 == 0 ? 12 : 20));
        Assert.Equal((0, 0, true, 0), Ink(noise));
        using var blue = Image(9, 9, 3, i => (byte)(i % 3 == 0 ? 255 : 0));
        Assert.Equal(1, ImageMeasures.Measure(blue).Colour);

        static (double, double, bool, double) Ink(Pixels image)
        {
            var m = ImageMeasures.Measure(image);
            return (m.InkShare, m.StrokeWidth, m.IsDarkPaper, m.Colour);
        }
    }

    private static Pixels Image(int width, int height, int channels, Func<int, byte> level) => Pixels.From(
        new Sample(0, "a.png", "/none/a.png", 0), width, height, channels, [.. Enumerable.Range(0, width * height * channels).Select(level)]);

    // A stroke of 160 pixels through the middle.
    private static Pixels Line(int side, double width, double degrees)
    {
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        return Image(side, side, 1, i =>
        {
            var (x, y) = ((i % side) - (side / 2) + 0.25, (i / side) - (side / 2) + 0.25);
            var (along, across) = ((x * cos) + (y * sin), (y * cos) - (x * sin));
            return (byte)(Math.Abs(along) <= 80 && Math.Abs(across) <= width / 2 ? 20 : 240);
        });
    }

    // Rectangles of ink within a margin of paper.
    private static Arbitrary<RawImage> Strokes() =>
        (from seed in Gen.Choose(0, 100_000)
         let random = new Random(seed)
         let width = random.Next(40, 90)
         let height = random.Next(40, 90)
         select Draw(random, width, height)).ToArbitrary();

    private static RawImage Draw(Random random, int width, int height)
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)235, width * height)];
        for (var stroke = 0; stroke < 4; stroke++)
        {
            var (left, top, w, h) = (random.Next(8, width - 20), random.Next(8, height - 20), random.Next(1, 12), random.Next(1, 12));
            for (var i = 0; i < w * h; i++)
            {
                bytes[((top + (i / w)) * width) + left + (i % w)] = 40;
            }
        }

        return new RawImage(width, height, 1, bytes);
    }
}
