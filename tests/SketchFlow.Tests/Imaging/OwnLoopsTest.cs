using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Imaging;

namespace SketchFlow.Tests.Imaging;

/// <summary>The loops that stand in for OpenCV's give its bytes, and their vectorised forms give those of the plain ones.</summary>
public sealed class OwnLoopsTest
{
    [Property(MaxTest = 150)]
    public Property Clahe_has_the_bytes_of_OpenCV_s() => Prop.ForAll(Images.Grey(), Tilings(), (image, t) =>
    {
        foreach (var vectorised in new[] { true, false })
        {
            var own = image.Bytes.ToArray();
            ContrastLimited.OfThisThread.Run(own, image.Width, image.Height, t.Clip, t.X, t.Y, vectorised);
            Assert.Equal(Claimed(image, t.Clip, t.X, t.Y), own);
        }
    });

    [Theory]
    [InlineData(224, 224, 8)]
    [InlineData(384, 300, 8)]
    [InlineData(640, 97, 2)]
    public void Clahe_has_the_bytes_of_OpenCV_s_on_whole_drawings(int width, int height, int tiles)
    {
        using var drawing = Images.Drawing(width, height);
        var image = new Picture(width, height, 1, drawing.Bytes.ToArray());
        foreach (var vectorised in new[] { true, false })
        {
            var own = image.Bytes.ToArray();
            ContrastLimited.OfThisThread.Run(own, width, height, 3.3, tiles, tiles, vectorised);
            Assert.Equal(Claimed(image, 3.3, tiles, tiles), own);
        }
    }

    [Property(MaxTest = 200)]
    public Property Vectorised_warps_have_the_bytes_of_the_plain_loop() => Prop.ForAll(Images.Any(), Maps(), (image, map) =>
        Warped(image, map, vectorised: true).AsSpan().SequenceEqual(Warped(image, map, vectorised: false)));

    [Property(MaxTest = 100)]
    public Property Grey_warps_as_three_equal_channels_do() => Prop.ForAll(Images.Grey(), Maps(), (image, map) =>
    {
        var (grey, colour) = (Warped(image, map, vectorised: true), Warped(image.Tripled(), map, vectorised: true));
        return Enumerable.Range(0, colour.Length).All(i => colour[i] == grey[i / 3]);
    });

    [Property(MaxTest = 100)]
    public Property A_warp_is_the_bilinear_formula_to_a_level() => Prop.ForAll(Images.Grey(), Maps(), (image, map) =>
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
    public Property Erosion_and_dilation_have_the_bytes_of_OpenCV_s() => Prop.ForAll(Images.Any(), Tilings(), (image, t) =>
    {
        using var input = image.ToPixels();
        using var source = Mat.FromPixelData(image.Height, image.Width, View.TypeOf(image.Channels), image.Bytes);
        using var expected = new Mat();
        var (width, height) = (Math.Min(t.X, Neighbourhood.LargestSide), Math.Min(t.Y, Neighbourhood.LargestSide));
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
         select AffineMap.Turn(new(33, 29), degrees + 0.37, scale, dx / 10.0, dy / 10.0).Then(new AffineMap(1, shear, 0, 0, 1, 0))).ToArbitrary();

    private static byte[] Warped(Picture image, AffineMap map, bool vectorised)
    {
        var target = new byte[image.Bytes.Length];
        BilinearWarp.Run(
            image.Bytes, image.Width, image.Height, image.Channels, target, new(image.Width, image.Height), BilinearWarp.Inverse(map), 200, vectorised);
        return target;
    }

    private static double Bilinear(Picture image, double x, double y)
    {
        var (left, top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        var (right, down) = (x - left, y - top);
        return ((At(left, top) * (1 - right)) + (At(left + 1, top) * right)) * (1 - down)
            + (((At(left, top + 1) * (1 - right)) + (At(left + 1, top + 1) * right)) * down);

        double At(int column, int row) =>
            column < 0 || row < 0 || column >= image.Width || row >= image.Height ? 200 : image.Bytes[(row * image.Width) + column];
    }

    private static byte[] Claimed(Picture image, double clip, int x, int y)
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
