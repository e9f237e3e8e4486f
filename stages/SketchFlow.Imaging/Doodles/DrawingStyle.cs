using OpenCvSharp;
using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Doodles;

/// <summary>A random drawing style: position and size on the page, rotation, perspective, shakiness, pen.</summary>
internal readonly struct DrawingStyle
{
    // Number of fractional bits of the points that are passed to OpenCV's drawing functions.
    private const int Shift = 4;

    private readonly double _cx;
    private readonly double _cy;
    private readonly double _sx;
    private readonly double _sy;
    private readonly double _sin;
    private readonly double _cos;
    private readonly double _leanX;
    private readonly double _leanY;
    private readonly double _wobble;
    private readonly double _gaps;
    private readonly double _width;

    public DrawingStyle(ref KeyedRandom random, int width, int height)
    {
        var size = Math.Min(width, height) * random.NextUniform(0.62, 0.88);

        // Drawings follow the shape of the page a little: wide pages have wide houses.
        var stretch = Math.Pow((double)width / height, random.NextUniform(0, 0.45));
        (_sx, _sy) = (size * Math.Sqrt(stretch), size / Math.Sqrt(stretch));
        (_cx, _cy) = ((width / 2.0) + (random.NextUniform(-0.06, 0.06) * width), (height / 2.0) + (random.NextUniform(-0.06, 0.06) * height));
        (_sin, _cos) = Math.SinCos(random.NextNormal() * 7 * Math.PI / 180);
        (_leanX, _leanY) = (random.NextUniform(-0.18, 0.18), random.NextUniform(-0.18, 0.18));
        _wobble = size * (random.Happens(0.3) ? 0.002 : random.NextUniform(0.003, 0.011));
        _gaps = random.Happens(0.25) ? random.NextUniform(0.02, 0.07) : 0;
        _width = random.Happens(0.15) ? random.NextUniform(6, 11) : random.NextUniform(1.2, 5);
        Passes = random.Happens(0.18) ? 2 : 1;
    }

    /// <summary>Number of times that every line is drawn; some people draw lines twice.</summary>
    public int Passes { get; }

    /// <summary>Draws one stroke.</summary>
    public void Draw(Mat canvas, ReadOnlySpan<(double X, double Y)> stroke, ref KeyedRandom random)
    {
        // Three slow waves along each stroke make the line shaky; their phases differ between strokes.
        Span<double> phases = stackalloc double[6];
        foreach (ref var phase in phases)
        {
            phase = random.NextUniform(0, 2 * Math.PI);
        }

        var thickness = Math.Max(1, (int)Math.Round(_width * random.NextUniform(0.85, 1.15)));
        var points = new List<Point>(64);
        var (travelled, lifted) = (0.0, 0.0);
        for (var i = 0; i < stroke.Length; i++)
        {
            var (x0, y0) = Place(stroke[Math.Max(i - 1, 0)]);
            var (x1, y1) = Place(stroke[i]);
            var length = Math.Sqrt(((x1 - x0) * (x1 - x0)) + ((y1 - y0) * (y1 - y0)));
            var pieces = Math.Max(1, (int)(length / 7));
            for (var piece = 1; piece <= pieces; piece++)
            {
                travelled += length / pieces;
                var t = (double)piece / pieces;
                var (wx, wy) = Shake(travelled, phases);
                var point = new Point(Fixed(x0 + ((x1 - x0) * t) + wx), Fixed(y0 + ((y1 - y0) * t) + wy));
                if (lifted > 0)
                {
                    lifted -= length / pieces;
                }
                else
                {
                    points.Add(point);
                    if (_gaps > 0 && random.Happens(_gaps * 0.5))
                    {
                        DrawLine(canvas, points, thickness);
                        lifted = random.NextUniform(6, 16);
                    }
                }
            }
        }

        DrawLine(canvas, points, thickness);
    }

    private static void DrawLine(Mat canvas, List<Point> points, int thickness)
    {
        if (points.Count > 1)
        {
            Cv2.Polylines(canvas, [points], isClosed: false, Scalar.All(0), thickness, LineTypes.AntiAlias, Shift);
        }

        points.Clear();
    }

    private static int Fixed(double v) => (int)Math.Round(v * (1 << Shift));

    private (double X, double Y) Place((double X, double Y) p)
    {
        var (u, v) = (p.X - 0.5, p.Y - 0.5);

        // A mild perspective, like paper seen from the side.
        var depth = 1 + (_leanX * u) + (_leanY * v);
        var (x, y) = (u / depth * _sx, v / depth * _sy);
        return (_cx + (x * _cos) - (y * _sin), _cy + (x * _sin) + (y * _cos));
    }

    private (double X, double Y) Shake(double travelled, ReadOnlySpan<double> phases)
    {
        var s = travelled / 40;
        return (
            _wobble * (Math.Sin(s + phases[0]) + (0.6 * Math.Sin((2.3 * s) + phases[1])) + (0.3 * Math.Sin((5.1 * s) + phases[2]))),
            _wobble * (Math.Sin((1.1 * s) + phases[3]) + (0.6 * Math.Sin((2.7 * s) + phases[4])) + (0.3 * Math.Sin((4.7 * s) + phases[5]))));
    }
}
