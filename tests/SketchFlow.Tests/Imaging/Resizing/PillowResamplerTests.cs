using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Tests.Imaging.Resizing;

/// <summary>Resizing with Pillow's filters, for parity with timm's evaluation.</summary>
public sealed class PillowResamplerTests
{
    private static readonly Interpolation[] Filters = [Interpolation.Bilinear, Interpolation.Bicubic, Interpolation.Lanczos];

    [Property(MaxTest = 60)]
    public Property Every_value_equals_the_filter_s_weighted_mean_up_to_rounding() => Prop.ForAll(
        TestImages.Any(), Gen.Choose(1, 60).Two().ToArbitrary(), Gen.Elements(Filters).ToArbitrary(), (picture, to, filter) =>
        {
            using var input = picture.ToPixels();
            using var resized = PadResize.Stretch(input, to.Item1, to.Item2, interpolation: filter);
            var exact = Exact(picture, to.Item1, to.Item2, filter);
            return Enumerable.Range(0, exact.Length).All(i => Math.Abs(exact[i] - resized.Bytes[i]) <= 2);
        });

    [Theory]
    [InlineData(Interpolation.Bilinear)]
    [InlineData(Interpolation.Bicubic)]
    [InlineData(Interpolation.Lanczos)]
    public void Nearly_all_values_are_the_rounded_weighted_mean(Interpolation filter)
    {
        var picture = TestImages.RandomImage(70, 50, 3, 11);
        using var input = picture.ToPixels();
        foreach (var (width, height) in new[] { (31, 22), (101, 77), (70, 13) })
        {
            using var resized = PadResize.Stretch(input, width, height, interpolation: filter);
            var exact = Exact(picture, width, height, filter);
            var off = Enumerable.Range(0, exact.Length).Count(i => (byte)Math.Floor(exact[i] + 0.5) != resized.Bytes[i]);
            Assert.InRange(off, 0, exact.Length / 50);
        }
    }

    [Property(MaxTest = 40)]
    public Property One_level_stays_and_the_same_size_is_the_same_picture() => Prop.ForAll(TestImages.Any(), Gen.Choose(1, 50).ToArbitrary(), (picture, side) =>
        Filters.All(filter =>
        {
            using var input = picture.ToPixels();
            using var same = PadResize.Stretch(input, picture.Width, picture.Height, interpolation: filter);
            using var flat = new RawImage(picture.Width, picture.Height, picture.Channels, [.. Enumerable.Repeat((byte)201, picture.Bytes.Length)]).ToPixels();
            using var resized = PadResize.Letterbox(flat, side, 201, interpolation: filter);
            return same.Bytes.SequenceEqual(picture.Bytes) && resized.Bytes.IndexOfAnyExcept((byte)201) < 0;
        }));

    // Results of Pillow's Image.resize on small rows, computed by hand from its filters and rounding.
    [Theory]
    [InlineData(Interpolation.Bilinear, new byte[] { 0, 100, 200, 100 }, 2, new byte[] { 71, 143 })]
    [InlineData(Interpolation.Bilinear, new byte[] { 0, 100 }, 4, new byte[] { 0, 25, 75, 100 })]
    [InlineData(Interpolation.Bicubic, new byte[] { 0, 100 }, 4, new byte[] { 0, 21, 79, 109 })]
    public void Small_rows_give_the_results_computed_by_hand(Interpolation filter, byte[] row, int width, byte[] expected)
    {
        using var input = new RawImage(row.Length, 1, 1, row).ToPixels();
        using var resized = PadResize.Stretch(input, width, 1, interpolation: filter);
        Assert.Equal(expected, resized.Bytes.ToArray());
    }

    [Theory]
    [InlineData(300, 200, 224, 0.875)]
    [InlineData(200, 517, 224, 1)]
    [InlineData(31, 640, 64, 0.95)]
    public void Centre_crop_keeps_the_middle_of_timm_s_resize(int width, int height, int side, double share)
    {
        using var input = TestImages.RandomImage(width, height, 3, 8).ToPixels();
        using var cut = PadResize.CentreCrop(input, side, share, interpolation: Interpolation.Bicubic);
        using var squashed = PadResize.CentreCrop(input, side, share, interpolation: Interpolation.Bicubic, mode: CropMode.Squash);

        // torchvision: Resize(floor(side / pct)) of the shorter side, the longer truncated; CenterCrop from round((length - side) / 2).
        var shorter = (int)Math.Floor(side / share);
        var (w, h) = width <= height ? (shorter, shorter * height / width) : (shorter * width / height, shorter);
        using var resized = PadResize.Stretch(input, w, h, interpolation: Interpolation.Bicubic);
        AssertCut(resized, cut, side);
        using var both = PadResize.Stretch(input, shorter, shorter, interpolation: Interpolation.Bicubic);
        AssertCut(both, squashed, side);
    }

    private static void AssertCut(Pixels whole, Pixels cut, int side)
    {
        var left = (int)Math.Round((whole.Width - side) / 2.0, MidpointRounding.ToEven);
        var top = (int)Math.Round((whole.Height - side) / 2.0, MidpointRounding.ToEven);
        Assert.Equal((side, side), (cut.Width, cut.Height));
        for (var y = 0; y < side; y++)
        {
            Assert.True(whole.Bytes.Slice((((top + y) * whole.Width) + left) * 3, side * 3).SequenceEqual(cut.Bytes.Slice(y * side * 3, side * 3)));
        }
    }

    // The definition in double precision: rows, then columns, rounded to levels in between as Pillow's intermediate image is.
    private static double[] Exact(RawImage picture, int width, int height, Interpolation filter)
    {
        var (channels, columns) = (picture.Channels, Kernel(picture.Width, width, filter));
        var between = new double[width * picture.Height * channels];
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < width * channels; x++)
            {
                var sum = 0.0;
                for (var i = 0; i < picture.Width; i++)
                {
                    sum += columns[x / channels, i] * picture.Bytes[(((y * picture.Width) + i) * channels) + (x % channels)];
                }

                between[(y * width * channels) + x] = Math.Clamp(Math.Floor(sum + 0.5), 0, 255);
            }
        }

        var (rows, exact) = (Kernel(picture.Height, height, filter), new double[width * height * channels]);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width * channels; x++)
            {
                var sum = 0.0;
                for (var i = 0; i < picture.Height; i++)
                {
                    sum += rows[y, i] * between[(i * width * channels) + x];
                }

                exact[(y * width * channels) + x] = Math.Clamp(sum, 0, 255);
            }
        }

        return exact;
    }

    private static double[,] Kernel(int from, int to, Interpolation filter)
    {
        var (scale, kernel) = ((double)from / to, new double[to, from]);
        var wide = Math.Max(1, scale);
        var reach = filter switch { Interpolation.Bilinear => 1, Interpolation.Bicubic => 2, _ => 3 };
        for (var x = 0; x < to; x++)
        {
            var centre = (x + 0.5) * scale;
            var total = 0.0;
            for (var i = 0; i < from; i++)
            {
                // Pillow rounds the support to whole pixels; beyond it the filters are 0, except for Lanczos at its end.
                var inside = i >= (int)Math.Max(0, centre - (reach * wide) + 0.5) && i < (int)(centre + (reach * wide) + 0.5);
                kernel[x, i] = inside ? Weight(Math.Abs(i + 0.5 - centre) / wide, filter) : 0;
                total += kernel[x, i];
            }

            for (var i = 0; i < from; i++)
            {
                kernel[x, i] /= total;
            }
        }

        return kernel;
    }

    private static double Weight(double d, Interpolation filter) => filter switch
    {
        Interpolation.Bilinear => Math.Max(0, 1 - d),
        Interpolation.Bicubic => d < 1 ? 1 - (2.5 * d * d) + (1.5 * d * d * d) : d < 2 ? 2 - (4 * d) + (2.5 * d * d) - (0.5 * d * d * d) : 0,
        _ => d == 0 ? 1 : d < 3 ? 3 * Math.Sin(Math.PI * d) * Math.Sin(Math.PI * d / 3) / (Math.PI * Math.PI * d * d) : 0,
    };
}
