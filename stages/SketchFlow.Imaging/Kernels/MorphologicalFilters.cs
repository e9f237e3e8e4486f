using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Erosion and dilation: small rectangles by <see cref="RankFilter"/>, other kernels by OpenCV.</summary>
public static class MorphologicalFilters
{
    /// <summary>Takes the minimum over a kernel; pixels outside of the image count as white.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="width">Number of columns of the kernel.</param>
    /// <param name="height">Number of rows of the kernel.</param>
    /// <param name="shape">Shape of the kernel.</param>
    /// <param name="mirrored">Mirrors the anchor; an erosion and a dilation by one even kernel, one of them mirrored, do not shift the image.</param>
    public static Pixels Erode(Pixels input, int width, int height, KernelShape shape = KernelShape.Rectangle, bool mirrored = false)
    {
        if (IsSmallRectangle(width, height, shape))
        {
            return Extreme(input, width, height, mirrored, darkest: true);
        }

        return MatOperation.Run(input, (source, target) =>
        {
            using var kernel = Kernel(width, height, shape);
            Cv2.Erode(source, target, kernel, Anchor(width, height, mirrored));
        });
    }

    /// <summary>Takes the maximum over a kernel; pixels outside of the image count as black.</summary>
    /// <inheritdoc cref="Erode" path="/param"/>
    public static Pixels Dilate(Pixels input, int width, int height, KernelShape shape = KernelShape.Rectangle, bool mirrored = false)
    {
        if (IsSmallRectangle(width, height, shape))
        {
            return Extreme(input, width, height, mirrored, darkest: false);
        }

        return MatOperation.Run(input, (source, target) =>
        {
            using var kernel = Kernel(width, height, shape);
            Cv2.Dilate(source, target, kernel, Anchor(width, height, mirrored));
        });
    }

    private static bool IsSmallRectangle(int width, int height, KernelShape shape) =>
        shape == KernelShape.Rectangle && Math.Max(width, height) <= RankFilter.LargestSide;

    private static Pixels Extreme(Pixels input, int width, int height, bool mirrored, bool darkest)
    {
        var anchor = Anchor(width, height, mirrored);
        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        RankFilter.Extreme(PixelSpan.From(input), output.Bytes, new(width, height), (anchor.X, anchor.Y), darkest);
        return output;
    }

    private static Mat Kernel(int width, int height, KernelShape shape) => Cv2.GetStructuringElement(
        shape switch { KernelShape.Ellipse => MorphShapes.Ellipse, KernelShape.Cross => MorphShapes.Cross, _ => MorphShapes.Rect },
        new Size(width, height));

    private static Point Anchor(int width, int height, bool mirrored) =>
        mirrored ? new Point((width - 1) / 2, (height - 1) / 2) : new Point(width / 2, height / 2);
}
