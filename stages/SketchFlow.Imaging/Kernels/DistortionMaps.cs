using OpenCvSharp;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Inverse maps of the distortions that are not affine: perspective, optical, elastic.</summary>
internal static class DistortionMaps
{
    /// <summary>A coordinate far outside of any image and still exact in OpenCV's fixed point: such points are filled.</summary>
    public const float Outside = -30_000;

    /// <summary>Returns the homography that maps the four points <paramref name="to"/> of the output to the points <paramref name="from"/>.</summary>
    public static InverseMap Perspective(Point2f[] from, Point2f[] to) => (xs, ys, _) =>
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

    /// <summary>Returns radial distortion: x (1 + k r²) about the centre, r = 1 at half the longer side.</summary>
    public static InverseMap Optical(double k) => (xs, ys, size) =>
    {
        var (cx, cy, longest) = ((size.Width - 1) / 2.0, (size.Height - 1) / 2.0, Math.Max(size.Width, size.Height) / 2.0);
        for (var i = 0; i < xs.Length; i++)
        {
            var (dx, dy) = (xs[i] - cx, ys[i] - cy);
            var scale = 1 + (k * ((dx * dx) + (dy * dy)) / (longest * longest));
            (xs[i], ys[i]) = ((float)(cx + (dx * scale)), (float)(cy + (dy * scale)));
        }
    };

    /// <summary>
    /// Returns random displacements of standard deviation <paramref name="alpha"/>, drawn every <paramref name="grid"/> pixels and interpolated
    /// (bicubic) between them.
    /// </summary>
    public static InverseMap Elastic(double alpha, int grid, KeyedRandom random) => (xs, ys, size) =>
    {
        MatView.Initialize();
        var own = random;
        var (across, down) = (Field(ref own, size), Field(ref own, size));
        for (var i = 0; i < xs.Length; i++)
        {
            var (x, y) = (xs[i], ys[i]);
            (xs[i], ys[i]) = (x + Interpolate(across, size, x, y), y + Interpolate(down, size, x, y));
        }

        float[] Field(ref KeyedRandom random, ImageSize size)
        {
            var (columns, rows) = ((size.Width / grid) + 2, (size.Height / grid) + 2);
            var coarse = new float[columns * rows];
            foreach (ref var shift in coarse.AsSpan())
            {
                shift = (float)(random.NextNormal() * alpha);
            }

            var fine = new float[size.Height * size.Width];
            using var from = Mat.FromPixelData(rows, columns, MatType.CV_32FC1, coarse);
            using var to = Mat.FromPixelData(size.Height, size.Width, MatType.CV_32FC1, fine);
            Cv2.Resize(from, to, new Size(size.Width, size.Height), 0, 0, InterpolationFlags.Cubic);
            return fine;
        }
    };

    // Bilinear between pixels, since another map may follow; outside of the image the displacement of the nearest edge pixel continues.
    private static float Interpolate(float[] field, ImageSize size, float x, float y)
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
