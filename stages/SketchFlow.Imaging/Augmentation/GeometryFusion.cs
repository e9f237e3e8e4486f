using System.Buffers;
using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>Runs consecutive geometric operations of one fill level as one move of the pixels, with one interpolation.</summary>
internal static class GeometryFusion
{
    /// <summary>Runs the operations from <paramref name="first"/> to <paramref name="end"/>, exclusive.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="ops">A list that holds the operations.</param>
    /// <param name="first">Index of the first geometric operation.</param>
    /// <param name="end">Index after the last one.</param>
    /// <returns>New pixels, which the caller owns.</returns>
    public static Pixels Run(Pixels input, IReadOnlyList<PixelOp> ops, int first, int end)
    {
        if (end - first == 1 && ops[first] is PixelOp.Affine alone)
        {
            return Warp(input, alone);
        }

        // Consecutive affine maps multiply; only other maps need coordinates for each point.
        var size = new ImageSize(input.Width, input.Height);
        var joined = new List<PixelOp>(end - first);
        for (var i = first; i < end; i++)
        {
            var op = ops[i];
            if (op is PixelOp.Affine next && joined.Count > 0 && joined[^1] is PixelOp.Affine before)
            {
                joined[^1] = new PixelOp.Affine(before.Matrix.Then(next.Matrix), next.Size, before.Fill);
            }
            else
            {
                joined.Add(op);
            }
        }

        return joined is [PixelOp.Affine warp] ? Warp(input, warp) : Remap(input, joined, size);
    }

    private static Pixels Warp(Pixels input, PixelOp.Affine op) => AffineWarp.Run(input, op.Matrix, op.Size, op.Fill);

    private static Pixels Remap(Pixels input, List<PixelOp> ops, ImageSize size)
    {
        var sizes = new ImageSize[ops.Count];
        for (var i = 0; i < sizes.Length; i++)
        {
            sizes[i] = ops[i] is PixelOp.Affine warp ? warp.Size : i == 0 ? size : sizes[i - 1];
        }

        var to = sizes[^1];
        var points = to.Width * to.Height;
        var (xs, ys) = (ArrayPool<float>.Shared.Rent(points), ArrayPool<float>.Shared.Rent(points));
        try
        {
            for (int y = 0, at = 0; y < to.Height; y++)
            {
                for (var x = 0; x < to.Width; x++, at++)
                {
                    (xs[at], ys[at]) = (x, y);
                }
            }

            // From the output back to the input: the last operation first.
            for (var i = ops.Count - 1; i >= 0; i--)
            {
                if (ops[i] is PixelOp.Remap remap)
                {
                    remap.Inverse(xs.AsSpan(0, points), ys.AsSpan(0, points), sizes[i]);
                }
                else
                {
                    MapPoints(((PixelOp.Affine)ops[i]).Matrix.Inverse(), xs.AsSpan(0, points), ys.AsSpan(0, points));
                }
            }

            var fill = ops[0] is PixelOp.Remap first ? first.Fill : ((PixelOp.Affine)ops[0]).Fill;
            return MatOperation.Run(input, to.Width, to.Height, (source, target) =>
            {
                using var x = Mat.FromPixelData(to.Height, to.Width, MatType.CV_32FC1, xs);
                using var y = Mat.FromPixelData(to.Height, to.Width, MatType.CV_32FC1, ys);
                Cv2.Remap(source, target, x, y, InterpolationFlags.Linear, BorderTypes.Constant, Scalar.All(fill));
            });
        }
        finally
        {
            ArrayPool<float>.Shared.Return(xs);
            ArrayPool<float>.Shared.Return(ys);
        }
    }

    private static void MapPoints(AffineMap map, Span<float> xs, Span<float> ys)
    {
        for (var i = 0; i < xs.Length; i++)
        {
            var (x, y) = ((map.Xx * xs[i]) + (map.Xy * ys[i]) + map.X0, (map.Yx * xs[i]) + (map.Yy * ys[i]) + map.Y0);
            (xs[i], ys[i]) = double.IsFinite(x + y) ? ((float)x, (float)y) : (DistortionMaps.Outside, DistortionMaps.Outside);
        }
    }
}
