using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

/// <summary>The operations behind the transforms: pixels and numbers in, new pixels out, nothing left to chance.</summary>
public static partial class Augment
{
    /// <summary>Moves pixels by one affine map; flips and the identity are exact, the rest is bilinear.</summary>
    public static Pixels Warp(Pixels input, PixelOp.Affine warp)
    {
        var (size, matrix) = (warp.Size, warp.Matrix);
        var flips = size.Width == input.Width && size.Height == input.Height ? matrix.FlipCode(size) : -1;
        return flips switch
        {
            0 => input.Clone(),
            > 0 when input.Channels == 1 => FlipGrey(input, flips),
            > 0 => MatOperation.Run(input, (source, target) => Cv2.Flip(source, target, flips switch { 1 => FlipMode.Y, 2 => FlipMode.X, _ => FlipMode.XY })),
            _ => Bilinear(input, matrix, size, warp.Fill),
        };
    }

    /// <summary>One table for two, <paramref name="first"/> applied first.</summary>
    internal static byte[] Through(byte[] first, byte[] second)
    {
        var table = new byte[256];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = second[first[i]];
        }

        return table;
    }

    /// <summary>A table from a formula: rounded half to even and held within 0-255.</summary>
    internal static byte[] Table(Func<int, double> level)
    {
        var table = new byte[256];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = (byte)Math.Clamp(Math.Round(level(i)), 0, 255);
        }

        return table;
    }

    // Rows turned about in place of a call into OpenCV, whose two Mats cost more than the flip.
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

    private static Pixels Bilinear(Pixels input, AffineMap matrix, ImageSize size, byte fill)
    {
        var back = BilinearWarp.Inverse(matrix);
        if (!BilinearWarp.CanRepresent(input.Width, input.Height, back))
        {
            return WarpBy(input, matrix, size, fill, InterpolationFlags.Linear);
        }

        var output = Pixels.Rent(input.Sample, size.Width, size.Height, input.Channels);
        BilinearWarp.Run(input.Bytes, input.Width, input.Height, input.Channels, output.Bytes, size, back, fill);
        return output;
    }

    private static Pixels WarpBy(Pixels input, AffineMap m, ImageSize size, byte fill, InterpolationFlags interpolation) =>
        MatOperation.Run(input, size.Width, size.Height, (source, target) =>
        {
            using var matrix = Mat.FromPixelData(2, 3, MatType.CV_64FC1, new[] { m.Xx, m.Xy, m.X0, m.Yx, m.Yy, m.Y0 });
            Cv2.WarpAffine(source, target, matrix, target.Size(), interpolation, BorderTypes.Constant, Scalar.All(fill));
        });
}
