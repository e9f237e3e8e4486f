using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Tests.Imaging.Augmentation;

/// <summary>Thicker and thinner lines that stay the lines they are.</summary>
public sealed class StrokeTests
{
    [Property(MaxTest = 150)]
    public Property Peeling_keeps_the_number_of_pieces_and_of_holes() => Prop.ForAll(Shapes(), Gen.Choose(1, 20).ToArbitrary(), (shape, layers) =>
    {
        var peeled = shape.Bytes.ToArray();
        Skeleton.Peel(peeled, shape.Width, shape.Height, layers);
        return peeled.Zip(shape.Bytes).All(p => p.First <= p.Second)
            && Pieces(peeled, shape.Width, shape.Height, 1, diagonal: true) == Pieces(shape.Bytes, shape.Width, shape.Height, 1, diagonal: true)
            && Pieces(peeled, shape.Width, shape.Height, 0, diagonal: false) == Pieces(shape.Bytes, shape.Width, shape.Height, 0, diagonal: false);
    });

    [Fact]
    public void A_bar_is_peeled_to_a_line_one_pixel_wide()
    {
        var shape = new byte[40 * 20];
        for (var y = 5; y < 14; y++)
        {
            shape.AsSpan((y * 40) + 5, 30).Fill(1);
        }

        Skeleton.Peel(shape, 40, 20, 99);
        for (var x = 12; x < 28; x++)
        {
            Assert.Equal(1, Enumerable.Range(0, 20).Sum(y => shape[(y * 40) + x]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Thin_rubs_no_hair_line_out_and_a_plain_dilation_does(int reach)
    {
        using var drawing = Lines();
        using var thin = Augment.Thin(drawing, reach);
        using var plain = Augment.Thin(drawing, reach, keepSkeleton: false);
        Assert.Equal(2, Ink(thin, 10));
        Assert.Equal(0, Ink(plain, 10));

        // The thick line at column 30 is 7 pixels wide.
        Assert.Equal(Math.Max(1, 7 - (2 * reach)), Row(thin, 20).Skip(22).Take(16).Count(v => v < 128));
    }

    [Theory]
    [InlineData(1, 9)]
    [InlineData(2, 11)]
    public void Thicken_grows_lines_on_both_sides_and_keeps_a_gap_open(int reach, int width)
    {
        using var drawing = Lines();
        using var thick = Augment.Thicken(drawing, reach);
        Assert.Equal(width, Row(thick, 20).Skip(20).Take(20).Count(v => v < 128));

        // Two lines with one pixel of paper between them, at 49 and 51.
        Assert.Equal(255, Row(thick, 20)[50]);
        using var plain = Augment.Thicken(drawing, reach, keepSkeleton: false);
        Assert.True(Row(plain, 20)[50] < 128);
    }

    [Property(MaxTest = 60)]
    public Property A_part_of_a_pixel_lies_between_the_whole_pens_about_it() => Prop.ForAll(Shapes(), Gen.Choose(0, 40).ToArbitrary(), (shape, tenths) =>
    {
        var (reach, whole) = (tenths / 10.0, tenths / 10);
        using var drawing = shape.ToPixels();
        using var input = Augment.Map(drawing, Augment.Table(v => v == 0 ? 255 : 20));
        using var between = Augment.Thin(input, reach);
        using var low = Augment.Thin(input, whole);
        using var high = Augment.Thin(input, whole + 1);
        var part = reach - whole;
        return Enumerable.Range(0, between.Length).All(i => Math.Abs(between.Bytes[i] - (((1 - part) * low.Bytes[i]) + (part * high.Bytes[i]))) <= 0.51);
    });

    private static int Ink(Pixels pixels, int column) => Enumerable.Range(18, 2).Count(y => pixels.Bytes[(y * pixels.Width) + column] < 128);

    private static byte[] Row(Pixels pixels, int y) => pixels.Bytes.Slice(y * pixels.Width, pixels.Width).ToArray();

    // Upright lines: a hair line at 10, a thick one at 27 to 33, two near ones at 49 and 51.
    private static Pixels Lines()
    {
        var pixels = Pixels.Rent(new Sample(1, "lines", "lines", null), 64, 40, 1);
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels.Bytes[i] = (i % 64) is 10 or (>= 27 and <= 33) or 49 or 51 ? (byte)20 : (byte)255;
        }

        return pixels;
    }

    // Flood fill; beyond the picture lies paper.
    private static int Pieces(byte[] shape, int width, int height, byte level, bool diagonal)
    {
        var (w, h) = (width + 2, height + 2);
        var seen = new bool[w * h];
        byte At(int x, int y) => x is 0 || y is 0 || x == w - 1 || y == h - 1 ? (byte)0 : shape[((y - 1) * width) + x - 1];
        var count = 0;
        for (var start = 0; start < w * h; start++)
        {
            if (seen[start] || At(start % w, start / w) != level)
            {
                continue;
            }

            count++;
            var queue = new Queue<int>([start]);
            seen[start] = true;
            while (queue.TryDequeue(out var at))
            {
                for (var dy = -1; dy <= 1; dy++)
                {
                    for (var dx = -1; dx <= 1; dx++)
                    {
                        var (x, y) = ((at % w) + dx, (at / w) + dy);
                        if ((diagonal || dx == 0 || dy == 0) && x >= 0 && y >= 0 && x < w && y < h && !seen[(y * w) + x] && At(x, y) == level)
                        {
                            seen[(y * w) + x] = true;
                            queue.Enqueue((y * w) + x);
                        }
                    }
                }
            }
        }

        return count;
    }

    private static Arbitrary<RawImage> Shapes() =>
        (from width in Gen.Choose(1, 30)
         from height in Gen.Choose(1, 30)
         from density in Gen.Choose(1, 9)
         from seed in Gen.Choose(0, 100_000)
         let random = new Random(seed)
         select new RawImage(width, height, 1, [.. Enumerable.Range(0, width * height).Select(_ => (byte)(random.Next(10) < density ? 1 : 0))])).ToArbitrary();
}
