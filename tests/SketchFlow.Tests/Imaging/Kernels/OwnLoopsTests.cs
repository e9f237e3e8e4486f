using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Tests.Imaging.Kernels;

/// <summary>The loops that stand in for OpenCV's give its bytes, and their vectorised forms give those of the plain ones.</summary>
public sealed class OwnLoopsTests
{
    [Property(MaxTest = 150)]
    public Property Clahe_has_the_bytes_of_OpenCV_s() => Prop.ForAll(TestImages.Grey(), Tilings(), (image, t) =>
    {
        foreach (var vectorised in new[] { true, false })
        {
            var own = image.Bytes.ToArray();
            ClaheKernel.ForThisThread.Run(own, image.Width, image.Height, t.Clip, t.X, t.Y, vectorised);
            Assert.Equal(Claimed(image, t.Clip, t.X, t.Y), own);
        }
    });

    [Theory]
    [InlineData(224, 224, 8)]
    [InlineData(384, 300, 8)]
    [InlineData(640, 97, 2)]
    public void Clahe_has_the_bytes_of_OpenCV_s_on_whole_drawings(int width, int height, int tiles)
    {
        using var drawing = TestImages.Drawing(width, height);
        var image = new RawImage(width, height, 1, drawing.Bytes.ToArray());
        foreach (var vectorised in new[] { true, false })
        {
            var own = image.Bytes.ToArray();
            ClaheKernel.ForThisThread.Run(own, width, height, 3.3, tiles, tiles, vectorised);
            Assert.Equal(Claimed(image, 3.3, tiles, tiles), own);
        }
    }

    [Property(MaxTest = 200)]
    public Property Vectorised_warps_have_the_bytes_of_the_plain_loop() => Prop.ForAll(TestImages.Any(), Maps(), (image, map) =>
        Warped(image, map, vectorised: true).AsSpan().SequenceEqual(Warped(image, map, vectorised: false)));

    [Property(MaxTest = 100)]
    public Property Grey_warps_as_three_equal_channels_do() => Prop.ForAll(TestImages.Grey(), Maps(), (image, map) =>
    {
        var (grey, colour) = (Warped(image, map, vectorised: true), Warped(image.Tripled(), map, vectorised: true));
        return Enumerable.Range(0, colour.Length).All(i => colour[i] == grey[i / 3]);
    });

    [Property(MaxTest = 100)]
    public Property A_warp_is_the_bilinear_formula_to_a_level() => Prop.ForAll(TestImages.Grey(), Maps(), (image, map) =>
    {
        var (own, back) = (Warped(image, map, vectorised: true), BilinearWarp.Inverse(map));
        for (var i = 0; i < own.Length; i++)
        {
            var (x, y) = (i % image.Width, i / image.Width);
            var expected = Bilinear(image, (back.Xx * x) + (back.Xy * y) + back.X0, (back.Yx * x) + (back.Yy * y) + back.Y0);
            Assert.True(Math.Abs(own[i] - expected) <= 1, $"{image} at {x}, {y}: {own[i]}, expected {expected:F3}");
        }
    });

    [Property(MaxTest = 150)]
    public Property Erosion_and_dilation_have_the_bytes_of_OpenCV_s() => Prop.ForAll(TestImages.Any(), Tilings(), (image, t) =>
    {
        using var input = image.ToPixels();
        using var source = Mat.FromPixelData(image.Height, image.Width, MatView.TypeOf(image.Channels), image.Bytes);
        using var expected = new Mat();
        var (width, height) = (Math.Min(t.X, RankFilter.LargestSide), Math.Min(t.Y, RankFilter.LargestSide));
        using var box = Cv2.GetStructuringElement(MorphShapes.Rect, new Size(width, height));
        foreach (var mirrored in new[] { false, true })
        {
            var anchor = mirrored ? new Point((width - 1) / 2, (height - 1) / 2) : new Point(width / 2, height / 2);
            Cv2.Erode(source, expected, box, anchor);
            using var eroded = Augment.Erode(input, width, height, mirrored: mirrored);
            Assert.Equal(BytesOf(expected), eroded.Bytes.ToArray());
            Cv2.Dilate(source, expected, box, anchor);
            using var dilated = Augment.Dilate(input, width, height, mirrored: mirrored);
            Assert.Equal(BytesOf(expected), dilated.Bytes.ToArray());
        }
    });

    [Property(MaxTest = 150)]
    public Property Motion_blur_has_the_bytes_of_OpenCV_s() => Prop.ForAll(TestImages.Any(), Lines(), (image, line) =>
    {
        using var input = image.ToPixels();
        using var blurred = Augment.MotionBlur(input, line.Side, line.Angle);
        using var source = Mat.FromPixelData(image.Height, image.Width, MatView.TypeOf(image.Channels), image.Bytes);
        using var kernel = new Mat(line.Side, line.Side, MatType.CV_32FC1, Scalar.All(0));
        for (var i = -(line.Side / 2); i <= line.Side / 2; i++)
        {
            kernel.Set((line.Side / 2) + (int)Math.Round(i * Math.Sin(line.Angle)), (line.Side / 2) + (int)Math.Round(i * Math.Cos(line.Angle)), 1F);
        }

        var pixels = Cv2.CountNonZero(kernel);
        using var mean = (kernel / pixels).ToMat();
        using var expected = new Mat();
        Cv2.Filter2D(source, expected, -1, mean);

        // The mean of an odd number of levels is never halfway between two; of an even number it may be, and OpenCV's sum of fractions a hair to either side.
        var furthest = BytesOf(expected).Zip(blurred.Bytes.ToArray(), (a, b) => Math.Abs(a - b)).Max();
        Assert.True(furthest <= (pixels % 2 == 0 ? 1 : 0), $"{image}, {line}: {furthest}");
    });

    [Property(MaxTest = 150)]
    public Property Sharpness_is_Pillow_s_formula_pixel_by_pixel() => Prop.ForAll(TestImages.Any(), Gen.Choose(-20, 40).ToArbitrary(), (image, tenths) =>
    {
        using var input = image.ToPixels();
        using var sharp = PillowOps.Sharpness(input, tenths / 10.0);
        var (channels, row, factor) = (image.Channels, image.Width * image.Channels, (float)(1 + (tenths / 10.0)));
        for (var i = 0; i < image.Bytes.Length; i++)
        {
            var (x, y) = (i % row / channels, i / row);
            var isBorder = x == 0 || y == 0 || x == image.Width - 1 || y == image.Height - 1;
            var sum = isBorder ? 0 : Enumerable.Range(-1, 3).Sum(dy => Enumerable.Range(-1, 3).Sum(dx => image.Bytes[i + (dy * row) + (dx * channels)])) + (4 * image.Bytes[i]);
            var smooth = (int)((sum / 13.0) + 0.5);
            Assert.Equal(isBorder ? image.Bytes[i] : (byte)Math.Clamp(smooth + (factor * (image.Bytes[i] - smooth)), 0F, 255F), sharp.Bytes[i]);
        }
    });

    [Property(MaxTest = 100)]
    public Property Grain_is_what_its_stream_says_pixel_by_pixel() => Prop.ForAll(TestImages.Any(), Gen.Choose(0, 2550).ToArbitrary(), (image, tenths) =>
    {
        var sigma = tenths / 10.0;
        using var input = image.ToPixels();
        using var noisy = Augment.GaussianNoise(input, sigma, KeyedRandom.For(5, 0, tenths, "grain"));
        var random = KeyedRandom.For(5, 0, tenths, "grain");
        using var quantiles = TorchSharp.torch.special.ndtri((TorchSharp.torch.arange(4096, TorchSharp.torch.float64) + 0.5) / 4096);
        var (normal, bits) = (quantiles.data<double>().ToArray(), 0UL);
        for (var pixel = 0; pixel < image.Width * image.Height; pixel++, bits >>= 12)
        {
            bits = pixel % 5 == 0 ? random.NextBits() : bits;
            var step = (int)Math.Round(normal[bits & 4095] * sigma);
            for (var i = pixel * image.Channels; i < (pixel + 1) * image.Channels; i++)
            {
                // The table's approximation of the quantile may fall on the other side of a half.
                Assert.InRange(noisy.Bytes[i], (byte)Math.Clamp(image.Bytes[i] + step - 1, 0, 255), (byte)Math.Clamp(image.Bytes[i] + step + 1, 0, 255));
            }
        }
    });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Grain_has_the_deviation_that_was_asked_for(int channels)
    {
        var image = new RawImage(300, 217, channels, [.. Enumerable.Repeat((byte)128, 300 * 217 * channels)]);
        using var input = image.ToPixels();
        using var noisy = Augment.GaussianNoise(input, 12, KeyedRandom.For(1, 0, 0, "grain"));
        var steps = noisy.Bytes.ToArray().Select(b => b - 128.0).ToArray();
        Assert.Equal(0, steps.Average(), 0.2);
        Assert.Equal(12, Math.Sqrt(steps.Average(s => s * s)), 0.2);
        Assert.Equal(0.6827, steps.Count(s => Math.Abs(s) <= 12) / (double)steps.Length, 0.03);

        // Neighbours are drawn apart.
        Assert.Equal(0, steps.Zip(steps.Skip(channels), (a, b) => a * b).Average() / 144, 0.02);
    }

    private static Arbitrary<(int Side, double Angle)> Lines() =>
        (from half in Gen.Choose(1, 12)
         from degrees in Gen.Choose(0, 180)
         select ((2 * half) + 1, degrees * Math.PI / 180)).ToArbitrary();

    private static Arbitrary<(double Clip, int X, int Y)> Tilings() =>
        (from clip in Gen.Elements(0, 1, 1.7, 4, 40)
         from x in Gen.Choose(1, 9)
         from y in Gen.Choose(1, 9)
         select (clip, x, y)).ToArbitrary();

    // Turns, scalings, shears and shifts, some of them out of the picture.
    private static Arbitrary<AffineMap> Maps() =>
        (from degrees in Gen.Choose(-180, 180)
         from scale in Gen.Elements(0.02, 0.4, 1, 1.3, 7)
         from shear in Gen.Elements(0, 0, 0.3, -1.2)
         from dx in Gen.Choose(-400, 400)
         from dy in Gen.Choose(-90, 90)
         select AffineMap.Rotation(new(33, 29), degrees + 0.37, scale, dx / 10.0, dy / 10.0).Then(new AffineMap(1, shear, 0, 0, 1, 0))).ToArbitrary();

    private static byte[] Warped(RawImage image, AffineMap map, bool vectorised)
    {
        var target = new byte[image.Bytes.Length];
        BilinearWarp.Run(
            image.Bytes, image.Width, image.Height, image.Channels, target, new(image.Width, image.Height), BilinearWarp.Inverse(map), 200, vectorised);
        return target;
    }

    private static double Bilinear(RawImage image, double x, double y)
    {
        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var (right, down) = (x - left, y - top);
        return ((At(left, top) * (1 - right)) + (At(left + 1, top) * right)) * (1 - down)
            + (((At(left, top + 1) * (1 - right)) + (At(left + 1, top + 1) * right)) * down);

        double At(int column, int row) =>
            column < 0 || row < 0 || column >= image.Width || row >= image.Height ? 200 : image.Bytes[(row * image.Width) + column];
    }

    private static byte[] Claimed(RawImage image, double clip, int x, int y)
    {
        using var source = Mat.FromPixelData(image.Height, image.Width, MatType.CV_8UC1, image.Bytes);
        using var result = new Mat();
        using var clahe = Cv2.CreateCLAHE(clip, new Size(x, y));
        clahe.Apply(source, result);
        return BytesOf(result);
    }

    private static byte[] BytesOf(Mat mat)
    {
        var bytes = new byte[mat.Rows * mat.Cols * mat.Channels()];
        Marshal.Copy(mat.Data, bytes, 0, bytes.Length);
        return bytes;
    }
}
