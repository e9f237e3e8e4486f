using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Augmentation.Strokes;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    /// <summary>Minimum over a kernel; outside of the image counts as white.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="width">Columns of the kernel.</param>
    /// <param name="height">Rows of the kernel.</param>
    /// <param name="shape">Shape of the kernel.</param>
    /// <param name="mirrored">Turns the kernel about, so that an even one ends where it began after a dilation.</param>
    public static Pixels Erode(Pixels input, int width, int height, KernelShape shape = KernelShape.Rectangle, bool mirrored = false) =>
        shape == KernelShape.Rectangle && Math.Max(width, height) <= RankFilter.LargestSide ? Extreme(input, width, height, mirrored, darkest: true) : MatOperation.Run(input, (source, target) =>
        {
            using var kernel = Kernel(width, height, shape);
            Cv2.Erode(source, target, kernel, Anchor(width, height, mirrored));
        });

    /// <summary>Maximum over a kernel; outside of the image counts as black.</summary>
    /// <inheritdoc cref="Erode" path="/param"/>
    public static Pixels Dilate(Pixels input, int width, int height, KernelShape shape = KernelShape.Rectangle, bool mirrored = false) =>
        shape == KernelShape.Rectangle && Math.Max(width, height) <= RankFilter.LargestSide ? Extreme(input, width, height, mirrored, darkest: false) : MatOperation.Run(input, (source, target) =>
        {
            using var kernel = Kernel(width, height, shape);
            Cv2.Dilate(source, target, kernel, Anchor(width, height, mirrored));
        });

    private static Pixels Extreme(Pixels input, int width, int height, bool mirrored, bool darkest)
    {
        var anchor = Anchor(width, height, mirrored);
        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        RankFilter.Extreme(input.Bytes, input.Width, input.Height, input.Channels, output.Bytes, new(width, height), new(anchor.X, anchor.Y), darkest);
        return output;
    }

    private static Mat Kernel(int width, int height, KernelShape shape) => Cv2.GetStructuringElement(
        shape switch { KernelShape.Ellipse => MorphShapes.Ellipse, KernelShape.Cross => MorphShapes.Cross, _ => MorphShapes.Rect },
        new Size(width, height));

    private static Point Anchor(int width, int height, bool mirrored) =>
        mirrored ? new Point((width - 1) / 2, (height - 1) / 2) : new Point(width / 2, height / 2);
}
