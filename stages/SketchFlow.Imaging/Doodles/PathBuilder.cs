using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Doodles;

/// <summary>Collects the strokes of a drawing in unit coordinates: x to the right, y down, the subject within 0-1.</summary>
internal sealed class PathBuilder(KeyedRandom random)
{
    private KeyedRandom _random = random;

    /// <summary>Polylines, in drawing order.</summary>
    public List<(double X, double Y)[]> Strokes { get; } = [];

    /// <summary>Draws a parameter uniformly between two bounds.</summary>
    public double Uniform(double low, double high) => _random.NextUniform(low, high);

    /// <summary>Draws an integer parameter, both bounds included.</summary>
    public int Integer(int low, int high) => _random.NextInteger(low, high + 1);

    /// <summary>Decides at random whether a detail is drawn.</summary>
    public bool Happens(double p = 0.5) => _random.Happens(p);

    /// <summary>Adds a polyline through x, y, x, y, …</summary>
    public void Line(params ReadOnlySpan<double> xy)
    {
        var points = new (double, double)[xy.Length / 2];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = (xy[2 * i], xy[(2 * i) + 1]);
        }

        Strokes.Add(points);
    }

    /// <summary>Adds a closed polygon.</summary>
    public void Shape(params ReadOnlySpan<double> xy) => Line([.. xy, xy[0], xy[1]]);

    /// <summary>Adds an axis-parallel rectangle from one corner to the opposite one.</summary>
    public void Box(double x0, double y0, double x1, double y1) => Shape(x0, y0, x1, y0, x1, y1, x0, y1);

    /// <summary>Adds a circle.</summary>
    public void Circle(double x, double y, double r) => Arc(x, y, r, r, 0, 360);

    /// <summary>Adds an arc of an ellipse; angles in degrees, clockwise from the right.</summary>
    /// <remarks>Seven parameters: the usual ones of an elliptic arc.</remarks>
    public void Arc(double x, double y, double rx, double ry, double from, double to, double tilt = 0)
    {
        var steps = Math.Max(8, (int)(Math.Abs(to - from) / 8));
        var points = new (double, double)[steps + 1];
        var (ts, tc) = Math.SinCos(tilt * Math.PI / 180);
        for (var i = 0; i <= steps; i++)
        {
            var (s, c) = Math.SinCos((from + ((to - from) * i / steps)) * Math.PI / 180);
            points[i] = (x + (rx * c * tc) - (ry * s * ts), y + (rx * c * ts) + (ry * s * tc));
        }

        Strokes.Add(points);
    }

    /// <summary>Adds a cubic Bézier curve.</summary>
    /// <remarks>Eight parameters: the coordinates of the four control points.</remarks>
    public void Curve(double x0, double y0, double x1, double y1, double x2, double y2, double x3, double y3)
    {
        var points = new (double, double)[25];
        for (var i = 0; i < points.Length; i++)
        {
            var t = i / (points.Length - 1.0);
            var u = 1 - t;
            var (a, b, c, d) = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t);
            points[i] = ((a * x0) + (b * x1) + (c * x2) + (d * x3), (a * y0) + (b * y1) + (c * y2) + (d * y3));
        }

        Strokes.Add(points);
    }

    /// <summary>Adds a curve that is given by its point for each t in 0-1.</summary>
    public void Trace(int steps, Func<double, (double X, double Y)> at)
    {
        var points = new (double, double)[steps + 1];
        for (var i = 0; i <= steps; i++)
        {
            points[i] = at((double)i / steps);
        }

        Strokes.Add(points);
    }
}
