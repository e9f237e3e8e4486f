using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Augmentation.Strokes;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Tests.Imaging.Kernels;

/// <summary>Thinner and thicker lines that are never broken, erased or joined.</summary>
public sealed class StrokeWidthTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Thin_keeps_hairlines_that_a_plain_dilation_erases(int reach)
    {
        using var drawing = Lines();
        using var thin = StrokeWidth.Thin(drawing, reach);
        using var plain = StrokeWidth.Thin(drawing, reach, keepSkeleton: false);
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
        using var thick = StrokeWidth.Thicken(drawing, reach);
        Assert.Equal(width, Row(thick, 20).Skip(20).Take(20).Count(v => v < 128));

        // Two lines with one pixel of paper between them, at 49 and 51.
        Assert.Equal(255, Row(thick, 20)[50]);
        using var plain = StrokeWidth.Thicken(drawing, reach, keepSkeleton: false);
        Assert.True(Row(plain, 20)[50] < 128);
    }

    [Property(MaxTest = 60)]
    public Property A_fraction_interpolates_between_whole_pixels() => Prop.ForAll(TestImages.Shapes(), Gen.Choose(0, 40).ToArbitrary(), (shape, tenths) =>
    {
        var (reach, whole) = (tenths / 10.0, tenths / 10);
        using var drawing = shape.ToPixels();
        using var input = LookupTables.Apply(drawing, LookupTables.FromFormula(v => v == 0 ? 255 : 20));
        using var between = StrokeWidth.Thin(input, reach);
        using var low = StrokeWidth.Thin(input, whole);
        using var high = StrokeWidth.Thin(input, whole + 1);
        var part = reach - whole;
        return Enumerable.Range(0, between.Length).All(i => Math.Abs(between.Bytes[i] - (((1 - part) * low.Bytes[i]) + (part * high.Bytes[i]))) <= 0.51);
    });

    private static int Ink(Pixels pixels, int column) => Enumerable.Range(18, 2).Count(y => pixels.Bytes[(y * pixels.Width) + column] < 128);

    private static byte[] Row(Pixels pixels, int y) => pixels.Bytes.Slice(y * pixels.Width, pixels.Width).ToArray();

    // Vertical lines: a hairline at 10, a thick one at 27 to 33, two adjacent ones at 49 and 51.
    private static Pixels Lines()
    {
        var pixels = Pixels.Rent(new Sample(1, "lines", "lines", null), 64, 40, 1);
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels.Bytes[i] = (i % 64) is 10 or (>= 27 and <= 33) or 49 or 51 ? (byte)20 : (byte)255;
        }

        return pixels;
    }
}
