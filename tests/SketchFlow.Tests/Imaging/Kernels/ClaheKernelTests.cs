using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Tests.Imaging.Kernels;

/// <summary>CLAHE compared with OpenCV.</summary>
public sealed class ClaheKernelTests
{
    [Property(MaxTest = 150)]
    public Property Clahe_gives_OpenCV_s_bytes() => Prop.ForAll(TestImages.Grey(), TestImages.Tilings(), (image, t) =>
    {
        foreach (var vectorised in new[] { true, false })
        {
            var own = image.Bytes.ToArray();
            ClaheKernel.ForThisThread.Run(own, new(image.Width, image.Height), t.Clip, (t.X, t.Y), vectorised);
            Assert.Equal(OpenCvClahe(image, t.Clip, t.X, t.Y), own);
        }
    });

    [Theory]
    [InlineData(224, 224, 8)]
    [InlineData(384, 300, 8)]
    [InlineData(640, 97, 2)]
    public void Clahe_gives_OpenCV_s_bytes_on_whole_drawings(int width, int height, int tiles)
    {
        using var drawing = TestImages.Drawing(width, height);
        var image = new RawImage(width, height, 1, drawing.Bytes.ToArray());
        foreach (var vectorised in new[] { true, false })
        {
            var own = image.Bytes.ToArray();
            ClaheKernel.ForThisThread.Run(own, new(width, height), 3.3, (tiles, tiles), vectorised);
            Assert.Equal(OpenCvClahe(image, 3.3, tiles, tiles), own);
        }
    }

    private static byte[] OpenCvClahe(RawImage image, double clip, int x, int y)
    {
        using var source = Mat.FromPixelData(image.Height, image.Width, MatType.CV_8UC1, image.Bytes);
        using var result = new Mat();
        using var clahe = Cv2.CreateCLAHE(clip, new Size(x, y));
        clahe.Apply(source, result);
        return TestImages.BytesOf(result);
    }
}
