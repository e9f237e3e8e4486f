using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OpenCvSharp;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Strokes;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Tests.Imaging.Kernels;

/// <summary>Erosion and dilation compared with OpenCV, and their laws.</summary>
public sealed class MorphologicalFiltersTests
{
    [Property(MaxTest = 150)]
    public Property Erosion_and_dilation_give_OpenCV_s_bytes() => Prop.ForAll(TestImages.Any(), TestImages.Tilings(), (image, t) =>
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
            using var eroded = MorphologicalFilters.Erode(input, width, height, mirrored: mirrored);
            Assert.Equal(TestImages.BytesOf(expected), eroded.Bytes.ToArray());
            Cv2.Dilate(source, expected, box, anchor);
            using var dilated = MorphologicalFilters.Dilate(input, width, height, mirrored: mirrored);
            Assert.Equal(TestImages.BytesOf(expected), dilated.Bytes.ToArray());
        }
    });

    [Property(MaxTest = 60)]
    public Property Erosion_never_brightens_and_dilation_never_darkens() => Prop.ForAll(TestImages.Any(), Gen.Choose(1, 5).ToArbitrary(), (image, side) =>
        Enum.GetValues<KernelShape>().All(shape =>
        {
            using var input = image.ToPixels();
            using var eroded = MorphologicalFilters.Erode(input, side, side, shape);
            using var dilated = MorphologicalFilters.Dilate(input, side, side, shape);
            for (var i = 0; i < input.Length; i++)
            {
                if (eroded.Bytes[i] > input.Bytes[i] || dilated.Bytes[i] < input.Bytes[i])
                {
                    return false;
                }
            }

            return true;
        }));

    [Property(MaxTest = 60)]
    public Property Erosion_of_the_negative_is_the_negative_of_dilation() => Prop.ForAll(TestImages.Any(), Gen.Choose(1, 5).ToArbitrary(), (image, side) =>
    {
        using var input = image.ToPixels();
        using var negative = image.Inverted().ToPixels();
        using var eroded = MorphologicalFilters.Erode(negative, side, side);
        using var dilated = MorphologicalFilters.Dilate(input, side, side);
        for (var i = 0; i < input.Length; i++)
        {
            if (eroded.Bytes[i] != 255 - dilated.Bytes[i])
            {
                return false;
            }
        }

        return true;
    });

    [Property(MaxTest = 60)]
    public Property Opening_never_brightens_and_closing_never_darkens() => Prop.ForAll(TestImages.Any(), Gen.Choose(0, 500).ToArbitrary(), (image, seed) =>
    {
        using var input = image.ToPixels();
        using var opened = AugmentPlan.Compile([new Opening { P = 1, Kernel = 4 }]).Apply(input, seed, 0);
        using var closed = AugmentPlan.Compile([new Closing { P = 1, Kernel = 4 }]).Apply(input, seed, 0);
        for (var i = 0; i < input.Length; i++)
        {
            if (opened.Bytes[i] > input.Bytes[i] || closed.Bytes[i] < input.Bytes[i])
            {
                return false;
            }
        }

        return true;
    });
}
