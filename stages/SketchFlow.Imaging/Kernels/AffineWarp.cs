using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Warps images by affine maps: flips and the identity move bytes, everything else is bilinear.</summary>
public static class AffineWarp
{
    /// <summary>Warps an image.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="map">The map from points of the input to points of the output.</param>
    /// <param name="size">Size of the output.</param>
    /// <param name="fill">Level of the pixels outside of the input.</param>
    /// <returns>New pixels, which the caller owns.</returns>
    public static Pixels Run(Pixels input, AffineMap map, ImageSize size, byte fill = 255)
    {
        var flips = size.Width == input.Width && size.Height == input.Height ? map.FlipCode(size) : -1;
        return flips switch
        {
            0 => input.Clone(),
            > 0 when input.Channels == 1 => FlipGrey(input, flips),
            > 0 => MatOperation.Run(input, (source, target) => Cv2.Flip(source, target, flips switch { 1 => FlipMode.Y, 2 => FlipMode.X, _ => FlipMode.XY })),
            _ => Bilinear(input, map, size, fill),
        };
    }

    // Reversing rows is faster than a call into OpenCV, whose two Mats cost more than the flip.
    private static Pixels FlipGrey(Pixels input, int flips)
    {
        var output = Pixels.Rent(input.Sample, input.Width, input.Height, 1);
        for (var y = 0; y < input.Height; y++)
        {
            var row = output.Bytes.Slice(y * input.Width, input.Width);
            input.Bytes.Slice((flips >= 2 ? input.Height - 1 - y : y) * input.Width, input.Width).CopyTo(row);
            if ((flips & 1) == 1)
            {
                row.Reverse();
            }
        }

        return output;
    }

    private static Pixels Bilinear(Pixels input, AffineMap map, ImageSize size, byte fill)
    {
        var inverse = map.Inverse();
        if (!BilinearWarp.CanRepresent(input.Width, input.Height, inverse))
        {
            return WarpByOpenCv(input, map, size, fill);
        }

        var output = Pixels.Rent(input.Sample, size.Width, size.Height, input.Channels);
        BilinearWarp.Run(PixelSpan.From(input), output.Bytes, size, inverse, fill);
        return output;
    }

    private static Pixels WarpByOpenCv(Pixels input, AffineMap m, ImageSize size, byte fill) =>
        MatOperation.Run(input, size.Width, size.Height, (source, target) =>
        {
            using var matrix = Mat.FromPixelData(2, 3, MatType.CV_64FC1, new[] { m.Xx, m.Xy, m.X0, m.Yx, m.Yy, m.Y0 });
            Cv2.WarpAffine(source, target, matrix, target.Size(), InterpolationFlags.Linear, BorderTypes.Constant, Scalar.All(fill));
        });
}
