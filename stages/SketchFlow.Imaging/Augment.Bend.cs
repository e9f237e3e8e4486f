using OpenCvSharp;
using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>Moves the four corners: the paper seen from the side.</summary>
public sealed record Perspective : Transform
{
    /// <summary>Largest move of a corner along either axis, as a share of that side.</summary>
    public double Limit { get; init; } = 0.1;

    /// <summary>Level of the paper that comes in.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Limit, 0, 0.4, nameof(Limit));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var (from, to, fill) = (new Point2f[4], new Point2f[4], Fill);
        for (var i = 0; i < 4; i++)
        {
            from[i] = new Point2f((i & 1) * size.Width, (i >> 1) * size.Height);
            to[i] = from[i] + new Point2f((float)(chance.NextUniform(-Limit, Limit) * size.Width), (float)(chance.NextUniform(-Limit, Limit) * size.Height));
        }

        acts.Add(new Act.Paint(input => Raster.Run(input, (source, target) =>
        {
            using var matrix = Cv2.GetPerspectiveTransform(from, to);
            Cv2.WarpPerspective(source, target, matrix, target.Size(), InterpolationFlags.Linear, BorderTypes.Constant, Scalar.All(fill));
        })));
    }
}

/// <summary>Barrel or cushion distortion: x (1 + k r²) about the centre, r = 1 at the middle of the longer side's edge.</summary>
public sealed record OpticalDistortion : Transform
{
    /// <summary>Largest k to either side.</summary>
    public double Limit { get; init; } = 0.15;

    /// <summary>Level of the paper that comes in.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Limit, 0, 1, nameof(Limit));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var (k, fill) = (chance.NextUniform(-Limit, Limit), Fill);
        acts.Add(new Act.Paint(input => Augment.OpticalDistortion(input, k, fill)));
    }
}

/// <summary>Bends smoothly and at random (Simard et al. 2003), by a coarse grid of shifts interpolated between.</summary>
public sealed record Elastic : Transform
{
    /// <summary>Standard deviation of the shifts, pixels.</summary>
    public double Alpha { get; init; } = 3;

    /// <summary>Distance of the grid's points, pixels: the larger, the smoother.</summary>
    public int Grid { get; init; } = 32;

    /// <summary>Level of the paper that comes in.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Alpha, 0, 100, nameof(Alpha));
        Within(Grid, 2, 1024, nameof(Grid));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var (alpha, grid, fill, shifts) = (Alpha, Grid, Fill, chance.Fork(1));
        acts.Add(new Act.Paint(input => Augment.Elastic(input, alpha, grid, fill, shifts)));
    }
}

public static partial class Augment
{
    /// <summary>Samples the input at x (1 + k r²) about the centre.</summary>
    public static Pixels OpticalDistortion(Pixels input, double k, byte fill) => Raster.Run(input, (source, target) =>
    {
        var (w, h) = (input.Width, input.Height);
        var (xs, ys) = (new float[h * w], new float[h * w]);
        var (cx, cy, longest) = ((w - 1) / 2.0, (h - 1) / 2.0, Math.Max(w, h) / 2.0);
        for (int y = 0, i = 0; y < h; y++)
        {
            for (var x = 0; x < w; x++, i++)
            {
                var (dx, dy) = (x - cx, y - cy);
                var scale = 1 + (k * ((dx * dx) + (dy * dy)) / (longest * longest));
                (xs[i], ys[i]) = ((float)(cx + (dx * scale)), (float)(cy + (dy * scale)));
            }
        }

        Sample(source, target, xs, ys, fill);
    });

    /// <summary>Samples the input at shifts of standard deviation <paramref name="alpha"/>, drawn every <paramref name="grid"/> pixels.</summary>
    public static Pixels Elastic(Pixels input, double alpha, int grid, byte fill, Chance chance) => Raster.Run(input, (source, target) =>
    {
        var (w, h) = (input.Width, input.Height);
        var (columns, rows) = ((w / grid) + 2, (h / grid) + 2);
        var (xs, ys) = (Field(ref chance), Field(ref chance));
        for (int y = 0, i = 0; y < h; y++)
        {
            for (var x = 0; x < w; x++, i++)
            {
                xs[i] += x;
                ys[i] += y;
            }
        }

        Sample(source, target, xs, ys, fill);

        float[] Field(ref Chance chance)
        {
            var coarse = new float[columns * rows];
            foreach (ref var shift in coarse.AsSpan())
            {
                shift = (float)(chance.NextNormal() * alpha);
            }

            var fine = new float[h * w];
            using var from = Mat.FromPixelData(rows, columns, MatType.CV_32FC1, coarse);
            using var to = Mat.FromPixelData(h, w, MatType.CV_32FC1, fine);
            Cv2.Resize(from, to, new Size(w, h), 0, 0, InterpolationFlags.Cubic);
            return fine;
        }
    });

    private static void Sample(Mat source, Mat target, float[] xs, float[] ys, byte fill)
    {
        using var x = Mat.FromPixelData(target.Rows, target.Cols, MatType.CV_32FC1, xs);
        using var y = Mat.FromPixelData(target.Rows, target.Cols, MatType.CV_32FC1, ys);
        Cv2.Remap(source, target, x, y, InterpolationFlags.Linear, BorderTypes.Constant, Scalar.All(fill));
    }
}
