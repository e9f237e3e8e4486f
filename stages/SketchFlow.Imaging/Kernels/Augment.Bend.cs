using System.Buffers;
using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    // Farther than any picture reaches, and still exact in OpenCV's fixed point: what lies there is fill.
    private const float Outside = -30_000;

    /// <summary>Runs neighbouring geometric acts of one fill as one move of the pixels, with one interpolation.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="ops">Holds the acts.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="end">Behind the last of them.</param>
    internal static Pixels Move(Pixels input, IReadOnlyList<PixelOp> ops, int first, int end)
    {
        if (end - first == 1 && ops[first] is PixelOp.Affine alone)
        {
            return Warp(input, alone);
        }

        // Warps in a row multiply; only what is no warp needs the map point by point.
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

        return joined is [PixelOp.Affine warp] ? Warp(input, warp) : Bend(input, joined, size);
    }

    private static Pixels Bend(Pixels input, List<PixelOp> ops, ImageSize size)
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

            // From the output back to the input: the last act first.
            for (var i = ops.Count - 1; i >= 0; i--)
            {
                if (ops[i] is PixelOp.Remap bend)
                {
                    bend.Back(xs.AsSpan(0, points), ys.AsSpan(0, points), sizes[i]);
                }
                else
                {
                    Through(BilinearWarp.Inverse(((PixelOp.Affine)ops[i]).Matrix), xs.AsSpan(0, points), ys.AsSpan(0, points));
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

    private static void Through(AffineMap back, Span<float> xs, Span<float> ys)
    {
        for (var i = 0; i < xs.Length; i++)
        {
            var (x, y) = ((back.Xx * xs[i]) + (back.Xy * ys[i]) + back.X0, (back.Yx * xs[i]) + (back.Yy * ys[i]) + back.Y0);
            (xs[i], ys[i]) = double.IsFinite(x + y) ? ((float)x, (float)y) : (Outside, Outside);
        }
    }

    /// <summary>The homography that takes the four points <paramref name="to"/> to the points <paramref name="from"/>.</summary>
    internal static InverseMap PerspectiveBack(Point2f[] from, Point2f[] to) => (xs, ys, _) =>
    {
        MatView.Initialize();
        using var matrix = Cv2.GetPerspectiveTransform(to, from);
        Span<double> m = stackalloc double[9];
        for (var i = 0; i < 9; i++)
        {
            m[i] = matrix.At<double>(i / 3, i % 3);
        }

        for (var i = 0; i < xs.Length; i++)
        {
            var (x, y) = (xs[i], ys[i]);
            var depth = (m[6] * x) + (m[7] * y) + m[8];
            (xs[i], ys[i]) = depth > 1e-9
                ? ((float)(((m[0] * x) + (m[1] * y) + m[2]) / depth), (float)(((m[3] * x) + (m[4] * y) + m[5]) / depth))
                : (Outside, Outside);
        }
    };

    /// <summary>x (1 + k r²) about the centre, r = 1 at half the longer side.</summary>
    internal static InverseMap OpticalBack(double k) => (xs, ys, size) =>
    {
        var (cx, cy, longest) = ((size.Width - 1) / 2.0, (size.Height - 1) / 2.0, Math.Max(size.Width, size.Height) / 2.0);
        for (var i = 0; i < xs.Length; i++)
        {
            var (dx, dy) = (xs[i] - cx, ys[i] - cy);
            var scale = 1 + (k * ((dx * dx) + (dy * dy)) / (longest * longest));
            (xs[i], ys[i]) = ((float)(cx + (dx * scale)), (float)(cy + (dy * scale)));
        }
    };

    /// <summary>Shifts of standard deviation <paramref name="alpha"/>, drawn every <paramref name="grid"/> pixels, cubic between.</summary>
    internal static InverseMap ElasticBack(double alpha, int grid, KeyedRandom random) => (xs, ys, size) =>
    {
        MatView.Initialize();
        var own = random;
        var (across, down) = (Shifts(ref own, size), Shifts(ref own, size));
        for (var i = 0; i < xs.Length; i++)
        {
            var (x, y) = (xs[i], ys[i]);
            (xs[i], ys[i]) = (x + Look(across, size, x, y), y + Look(down, size, x, y));
        }

        float[] Shifts(ref KeyedRandom drawn, ImageSize of)
        {
            var (columns, rows) = ((of.Width / grid) + 2, (of.Height / grid) + 2);
            var coarse = new float[columns * rows];
            foreach (ref var shift in coarse.AsSpan())
            {
                shift = (float)(drawn.NextNormal() * alpha);
            }

            var fine = new float[of.Height * of.Width];
            using var from = Mat.FromPixelData(rows, columns, MatType.CV_32FC1, coarse);
            using var to = Mat.FromPixelData(of.Height, of.Width, MatType.CV_32FC1, fine);
            Cv2.Resize(from, to, new Size(of.Width, of.Height), 0, 0, InterpolationFlags.Cubic);
            return fine;
        }
    };

    // Bilinear between pixels, since another move may come after this one; the edge's shift goes on outside.
    private static float Look(float[] field, ImageSize size, float x, float y)
    {
        var (cx, cy) = (Math.Clamp(x, 0, size.Width - 1), Math.Clamp(y, 0, size.Height - 1));
        var (x0, y0) = ((int)cx, (int)cy);
        var (x1, y1) = (Math.Min(x0 + 1, size.Width - 1), Math.Min(y0 + 1, size.Height - 1));
        var (fx, fy) = (cx - x0, cy - y0);
        var top = (field[(y0 * size.Width) + x0] * (1 - fx)) + (field[(y0 * size.Width) + x1] * fx);
        var bottom = (field[(y1 * size.Width) + x0] * (1 - fx)) + (field[(y1 * size.Width) + x1] * fx);
        return (top * (1 - fy)) + (bottom * fy);
    }
}
