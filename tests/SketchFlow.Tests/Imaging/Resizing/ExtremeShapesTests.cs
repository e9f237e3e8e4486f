using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;

namespace SketchFlow.Tests.Imaging.Resizing;

/// <summary>Images of any shape resize to the right levels, with work and memory of the target's size.</summary>
public sealed class ExtremeShapesTests
{
    public static TheoryData<int, int> Shapes() => new()
    {
        { 1, 1 }, { 1, 2 }, { 1, 40_000 }, { 40_000, 1 }, { 3, 20_000 }, { 20_000, 2 }, { 1, 70_000 }, { 70_000, 1 }, { 1, 3_000_000 }, { 3_000_000, 1 },
        { 2, 200_000 }, { 5_000, 7 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_shape_resizes_in_every_mode_to_the_level_of_a_flat_image(int width, int height)
    {
        using var input = Pixels.Rent(new(1, "x", "x", null), width, height, 1);
        input.Bytes.Fill(201);
        foreach (var options in Modes(32))
        {
            using var result = PadResize.Run(options, input);
            Assert.Equal((32, 32), (result.Width, result.Height));
            Assert.True(result.Bytes.IndexOfAnyExcept((byte)201) < 0, $"{options} of {width}x{height}");
        }
    }

    // A ramp along the long side: the crop's centre has the middle's level, neighbours differ by less than a level.
    [Theory]
    [InlineData(1, 40_000)]
    [InlineData(40_000, 1)]
    [InlineData(2, 65_000)]
    [InlineData(1, 1_000_000)]
    [InlineData(4, 900_000)]
    public void A_long_strip_is_cropped_to_its_middle(int width, int height)
    {
        using var input = Pixels.Rent(new(1, "x", "x", null), width, height, 1);
        var longer = Math.Max(width, height);
        for (var i = 0; i < input.Length; i++)
        {
            input.Bytes[i] = (byte)((width > height ? i % width : i / width) * 255L / longer);
        }

        foreach (var options in Modes(224).Where(o => o is { Fit: ResizeMode.CentreCrop, CropMode: CropMode.Center }))
        {
            using var result = PadResize.Run(options, input);
            Assert.All(result.Bytes.ToArray(), level => Assert.InRange(level, 126, 129));
        }
    }

    [Theory]
    [InlineData(1, 40_000, 8)]
    [InlineData(40_000, 1, 8)]
    [InlineData(3, 900, 16)]
    [InlineData(900, 2, 16)]
    [InlineData(7, 7, 5)]
    [InlineData(1, 1, 9)]
    [InlineData(2, 3, 32)]
    public void The_crop_is_that_of_the_whole_resized_image_computed_by_definition(int width, int height, int side)
    {
        var picture = TestImages.RandomImage(width, height, 3, width + height);
        using var input = picture.ToPixels();
        foreach (var cubic in new[] { false, true })
        {
            using var result = PadResize.CentreCrop(input, side, 0.875, cubic ? Upsampling.Cubic : Upsampling.Linear);
            var shorter = (long)Math.Floor(side / 0.875);
            var (fullWidth, fullHeight) = width <= height ? (shorter, shorter * height / width) : (shorter * width / height, shorter);
            var (left, top) = (Math.Round((fullWidth - side) / 2.0), Math.Round((fullHeight - side) / 2.0));
            for (var i = 0; i < result.Length; i++)
            {
                var (x, y) = (i / 3 % side, i / 3 / side);
                var exact = fullWidth >= width
                    ? Interpolated(picture, (left + x + 0.5) * width / fullWidth, (top + y + 0.5) * height / fullHeight, i % 3, cubic)
                    : Averaged(picture, Under(left + x, width, fullWidth), Under(top + y, height, fullHeight), i % 3);
                Assert.InRange(Math.Abs(exact - result.Bytes[i]), 0, 1.6);
            }
        }
    }

    [Fact]
    public void The_shared_case_of_1x40000_pixels_is_read_with_a_centre_crop()
    {
        var path = Path.Combine(Reference.Folder, "cases", "images", "10-thin-1x40000.png");
        using var input = ImageDecoder.Read(new DecodeOptions(), new Sample(1, path, path, null)).Value;
        Assert.Equal((1, 40_000), (input.Width, input.Height));
        using var result = PadResize.Run(new PadResizeOptions { Side = 224, Fit = ResizeMode.CentreCrop }, input);
        Assert.Equal((224, 224), (result.Width, result.Height));
        Assert.InRange(result.Bytes[112 * 225], input.Bytes.Slice(19_990, 20).ToArray().Min(), input.Bytes.Slice(19_990, 20).ToArray().Max());
    }

    [Property(MaxTest = 60)]
    public Property A_window_of_area_averages_has_the_bytes_of_the_whole() => Prop.ForAll(Windows(), Gen.Elements(1, 3).ToArbitrary(), (c, channels) =>
    {
        var picture = TestImages.RandomImage(c.Width, c.Height, channels, c.Width + c.To);
        var (fullWidth, fullHeight) = (Math.Max(c.Side, c.Width / c.To), Math.Max(c.Side, c.Height / c.To));
        var window = new ResizeWindow(fullWidth, fullHeight, (fullWidth - c.Side) / 2, (fullHeight - c.Side) / 2, c.Side, c.Side);
        var (whole, part, exact) = (new byte[fullWidth * fullHeight * channels], new byte[c.Side * c.Side * channels], new byte[c.Side * c.Side * channels]);
        new AreaResampler().Shrink(picture.ToSpan(), whole, fullWidth * channels, ResizeWindow.Whole(fullWidth, fullHeight));
        new AreaResampler().Shrink(picture.ToSpan(), part, c.Side * channels, window);
        AreaAverage.Shrink(picture.ToSpan(), exact, c.Side * channels, window);
        return Enumerable.Range(0, part.Length).All(i =>
        {
            var (x, y) = ((i / channels % c.Side) + (int)window.Left, (i / channels / c.Side) + (int)window.Top);
            return part[i] == whole[(((y * fullWidth) + x) * channels) + (i % channels)] && Math.Abs(part[i] - exact[i]) <= 1;
        });
    });

    [Property(MaxTest = 60)]
    public Property Enlarging_is_OpenCV_s_up_to_rounding() => Prop.ForAll(
        TestImages.Any(), Gen.Choose(70, 160).Two().ToArbitrary(), Gen.Elements(true, false).ToArbitrary(), (picture, to, cubic) =>
        {
            var (width, height) = to;
            var ours = new byte[width * height * picture.Channels];
            Enlargement.Run(picture.ToSpan(), ours, ResizeWindow.Whole(width, height), cubic);
            var type = picture.Channels == 1 ? MatType.CV_8UC1 : MatType.CV_8UC3;
            using var mat = Mat.FromPixelData(picture.Height, picture.Width, type, picture.Bytes);
            using var theirs = new Mat();
            Cv2.Resize(mat, theirs, new Size(width, height), 0, 0, cubic ? InterpolationFlags.Cubic : InterpolationFlags.Linear);
            var expected = TestImages.BytesOf(theirs);
            return Enumerable.Range(0, ours.Length).All(i => Math.Abs(ours[i] - expected[i]) <= 2);
        });

    [Theory]
    [InlineData(1, 6_000_000)]
    [InlineData(6_000_000, 1)]
    public void Memory_does_not_grow_with_the_longer_side(int width, int height)
    {
        using var input = Pixels.Rent(new(1, "x", "x", null), width, height, 1);
        foreach (var options in Modes(64))
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            using var result = PadResize.Run(options, input);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16L << 20);
        }
    }

    private static IEnumerable<PadResizeOptions> Modes(int side) =>
        from fit in Enum.GetValues<ResizeMode>()
        from interpolation in Enum.GetValues<Interpolation>()
        from upsampling in Enum.GetValues<Upsampling>()
        from crop in Enum.GetValues<CropMode>()
        select new PadResizeOptions { Side = side, Fit = fit, Interpolation = interpolation, Upsampling = upsampling, CropMode = crop, Fill = 201 };

    private static Arbitrary<(int Width, int Height, int To, int Side)> Windows() =>
        (from width in Gen.Choose(40, 500)
         from height in Gen.Choose(40, 200)
         from to in Gen.Choose(1, 5)
         from side in Gen.Choose(1, 8)
         select (width, height, to, side)).ToArbitrary();

    private static (double Low, double High) Under(double output, int length, long full) => (output * length / full, (output + 1) * length / full);

    private static double Averaged(RawImage picture, (double Low, double High) columns, (double Low, double High) rows, int channel)
    {
        var (sum, area) = (0.0, 0.0);
        for (var y = (int)rows.Low; y < Math.Min(Math.Ceiling(rows.High), picture.Height); y++)
        {
            for (var x = (int)columns.Low; x < Math.Min(Math.Ceiling(columns.High), picture.Width); x++)
            {
                var share = (Math.Min(x + 1, columns.High) - Math.Max(x, columns.Low)) * (Math.Min(y + 1, rows.High) - Math.Max(y, rows.Low));
                sum += share * picture.Bytes[(((y * picture.Width) + x) * picture.Channels) + channel];
                area += share;
            }
        }

        return sum / area;
    }

    // OpenCV's definition: centres of pixels map to each other, the border is repeated, a = -0.75.
    private static double Interpolated(RawImage picture, double x, double y, int channel, bool cubic)
    {
        var sum = 0.0;
        for (var j = -1; j <= 2; j++)
        {
            for (var i = -1; i <= 2; i++)
            {
                var (column, row) = (Math.Floor(x - 0.5) + i, Math.Floor(y - 0.5) + j);
                var weight = Kernel(column + 0.5 - x, cubic) * Kernel(row + 0.5 - y, cubic);
                var (inside, line) = ((int)Math.Clamp(column, 0, picture.Width - 1), (int)Math.Clamp(row, 0, picture.Height - 1));
                sum += weight * picture.Bytes[(((line * picture.Width) + inside) * picture.Channels) + channel];
            }
        }

        return Math.Clamp(sum, 0, 255);
    }

    private static double Kernel(double offset, bool cubic)
    {
        var d = Math.Abs(offset);
        return !cubic ? Math.Max(0, 1 - d)
            : d <= 1 ? (1.25 * d * d * d) - (2.25 * d * d) + 1
            : d < 2 ? (-0.75 * d * d * d) + (3.75 * d * d) - (6 * d) + 3
            : 0;
    }
}
