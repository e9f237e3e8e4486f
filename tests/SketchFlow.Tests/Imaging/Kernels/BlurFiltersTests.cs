using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Tests.Imaging.Kernels;

/// <summary>Motion blur compared with OpenCV.</summary>
public sealed class BlurFiltersTests
{
    [Property(MaxTest = 150)]
    public Property Motion_blur_gives_OpenCV_s_bytes() => Prop.ForAll(TestImages.Any(), Lines(), (image, line) =>
    {
        using var input = image.ToPixels();
        using var blurred = BlurFilters.MotionBlur(input, line.Side, line.Angle);
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

        // The mean of an odd number of levels is never halfway between two levels. The mean of an even number may be, and OpenCV's sum of fractions is
        // then rounded in either direction.
        var furthest = TestImages.BytesOf(expected).Zip(blurred.Bytes.ToArray(), (a, b) => Math.Abs(a - b)).Max();
        Assert.True(furthest <= (pixels % 2 == 0 ? 1 : 0), $"{image}, {line}: {furthest}");
    });

    private static Arbitrary<(int Side, double Angle)> Lines() =>
        (from half in Gen.Choose(1, 12)
         from degrees in Gen.Choose(0, 180)
         select ((2 * half) + 1, degrees * Math.PI / 180)).ToArbitrary();
}
