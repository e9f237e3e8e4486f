using System.Collections.Immutable;

namespace SketchFlow.Imaging.Doodles;

/// <summary>The subjects: small functions that add strokes, with parameters that vary from drawing to drawing.</summary>
public static partial class DoodleGenerator
{
    private static readonly (string Name, Action<PathBuilder> Draw)[] Subjects =
    [
        ("house", House), ("fish", Fish), ("tree", Tree), ("cat", Cat), ("car", Car), ("sailboat", Sailboat),
        ("star", Star), ("flower", Flower), ("spiral", Spiral), ("envelope", Envelope), ("umbrella", Umbrella), ("ladder", Ladder),
        ("key", Key), ("mug", Mug), ("mushroom", Mushroom), ("kite", Kite), ("snail", Snail), ("glasses", Glasses),
        ("clock", Clock), ("arrow", Arrow), ("bird", Bird), ("butterfly", Butterfly), ("bicycle", Bicycle), ("crown", Crown),
        ("heart", Heart), ("sun", Sun), ("cactus", Cactus), ("candle", Candle),
    ];

    /// <summary>Names of the classes, in the order of their numbers.</summary>
    public static ImmutableArray<string> Classes { get; } = [.. Subjects.Select(s => s.Name)];

    private static void House(PathBuilder path)
    {
        var (left, right, eaves, top) = (path.Uniform(0.1, 0.2), path.Uniform(0.8, 0.9), path.Uniform(0.4, 0.5), path.Uniform(0.05, 0.2));
        path.Box(left, eaves, right, 0.95);
        path.Line(left - 0.07, eaves + 0.02, path.Uniform(0.42, 0.58), top, right + 0.07, eaves + 0.02);
        var door = path.Uniform(left + 0.08, 0.6);
        path.Line(door, 0.95, door, 0.68, door + 0.14, 0.68, door + 0.14, 0.95);
        var window = door < 0.4 ? right - 0.26 : left + 0.06;
        path.Box(window, eaves + 0.1, window + 0.18, eaves + 0.26);
        path.Line(window + 0.09, eaves + 0.1, window + 0.09, eaves + 0.26);
        path.Line(window, eaves + 0.18, window + 0.18, eaves + 0.18);
        if (path.Happens(0.6))
        {
            path.Line(0.7, 0.3, 0.7, 0.1, 0.79, 0.1, 0.79, 0.38);
        }

        if (path.Happens(0.3))
        {
            path.Circle(0.5, (eaves + top) / 2 + 0.04, 0.05);
        }
    }

    private static void Fish(PathBuilder path)
    {
        var (fat, tail) = (path.Uniform(0.18, 0.3), path.Uniform(0.12, 0.2));
        path.Curve(0.05, 0.5, 0.2, 0.5 - (1.4 * fat), 0.55, 0.5 - (1.4 * fat), 0.75, 0.5);
        path.Curve(0.05, 0.5, 0.2, 0.5 + (1.4 * fat), 0.55, 0.5 + (1.4 * fat), 0.75, 0.5);
        path.Line(0.74, 0.5, 0.95, 0.5 - tail, path.Uniform(0.86, 0.92), 0.5, 0.95, 0.5 + tail, 0.74, 0.5);
        path.Circle(0.2, 0.46, path.Uniform(0.015, 0.03));
        path.Arc(0.2, 0.5, 0.12, fat * 0.8, -55, 55);
        path.Curve(0.05, 0.52, 0.08, 0.55, 0.1, 0.55, 0.13, 0.54);
        if (path.Happens(0.7))
        {
            path.Curve(0.35, 0.5 - fat, 0.42, 0.36 - fat, 0.55, 0.38 - fat, 0.6, 0.52 - fat);
        }

        for (var i = path.Integer(0, 3); i > 0; i--)
        {
            path.Arc(0.35 + (i * 0.09), 0.5, 0.04, 0.07, -80, 80);
        }
    }

    private static void Tree(PathBuilder path)
    {
        var width = path.Uniform(0.05, 0.09);
        if (path.Happens())
        {
            // A fir: tiers of triangles.
            var tiers = path.Integer(2, 4);
            for (var i = 0; i < tiers; i++)
            {
                var (y, half) = (0.05 + (0.7 * i / tiers), 0.18 + (0.2 * (i + 1) / tiers));
                var foot = 0.05 + (0.7 * (i + 1) / tiers) + 0.06;
                path.Shape(0.5, y, 0.5 + half, foot, 0.5 - half, foot);
            }

            path.Line(0.5 - width, 0.82, 0.5 - width, 0.97);
            path.Line(0.5 + width, 0.82, 0.5 + width, 0.97);
            return;
        }

        var (bumps, crown) = (path.Integer(6, 10), path.Uniform(0.26, 0.34));
        path.Trace(120, t =>
        {
            var r = crown * (0.9 + (0.12 * Math.Abs(Math.Sin(Math.PI * bumps * t))));
            var (s, c) = Math.SinCos(2 * Math.PI * t);
            return (0.5 + (r * 1.15 * c), 0.36 + (r * s));
        });
        path.Curve(0.5 - width, 0.64, 0.5 - width, 0.8, 0.5 - width, 0.9, 0.42 - width, 0.97);
        path.Curve(0.5 + width, 0.64, 0.5 + width, 0.8, 0.5 + width, 0.9, 0.58 + width, 0.97);
        if (path.Happens())
        {
            path.Line(0.5, 0.62, 0.42, 0.45);
            path.Line(0.5, 0.58, 0.58, 0.42);
        }
    }

    private static void Cat(PathBuilder path)
    {
        var (rx, ry) = (path.Uniform(0.32, 0.38), path.Uniform(0.28, 0.34));
        path.Arc(0.5, 0.57, rx, ry, 0, 360);
        var ear = path.Uniform(0.05, 0.14);
        path.Line(0.5 - (rx * 0.92), 0.45, 0.5 - (rx * 0.8), ear, 0.5 - (rx * 0.3), 0.3);
        path.Line(0.5 + (rx * 0.92), 0.45, 0.5 + (rx * 0.8), ear, 0.5 + (rx * 0.3), 0.3);
        foreach (var side in new[] { -1, 1 })
        {
            path.Arc(0.5 + (side * 0.13), 0.5, 0.05, 0.035, 0, 360);
            path.Arc(0.5 + (side * 0.13), 0.5, 0.01, 0.03, 0, 360);
            path.Arc(0.5 + (side * 0.05), 0.67, 0.05, 0.05, 0, 180);
            for (var i = 0; i < 3; i++)
            {
                path.Line(0.5 + (side * 0.14), 0.64 + (i * 0.03), 0.5 + (side * 0.46), 0.57 + (i * 0.07));
            }
        }

        path.Shape(0.46, 0.6, 0.54, 0.6, 0.5, 0.65);
    }

    private static void Car(PathBuilder path)
    {
        var (roof, hood, wheel) = (path.Uniform(0.25, 0.35), path.Uniform(0.48, 0.54), path.Uniform(0.08, 0.11));
        path.Line(0.04, 0.7, 0.05, hood + 0.02, 0.2, hood, 0.32, roof, 0.66, roof, 0.78, hood, 0.95, hood + 0.05, 0.96, 0.7, 0.04, 0.7);
        path.Line(0.25, hood, 0.35, roof + 0.04, 0.49, roof + 0.04, 0.49, hood, 0.25, hood);
        path.Line(0.53, hood, 0.53, roof + 0.04, 0.64, roof + 0.04, 0.73, hood, 0.53, hood);
        foreach (var x in new[] { 0.25, 0.75 })
        {
            path.Circle(x, 0.71, wheel);
            path.Circle(x, 0.71, wheel * 0.45);
        }

        if (path.Happens())
        {
            path.Line(0.55, hood + 0.06, 0.6, hood + 0.06);
        }

        if (path.Happens())
        {
            path.Line(0, 0.7 + wheel, 1, 0.7 + wheel);
        }
    }

    private static void Sailboat(PathBuilder path)
    {
        var (mast, deck) = (path.Uniform(0.42, 0.55), path.Uniform(0.68, 0.75));
        path.Shape(0.1, deck, 0.9, deck, 0.76, 0.9, 0.24, 0.9);
        path.Line(mast, deck, mast, 0.06);
        path.Curve(mast + 0.02, 0.1, mast + 0.2, 0.25, mast + 0.3, 0.5, mast + path.Uniform(0.28, 0.36), deck - 0.06);
        path.Line(mast + 0.02, deck - 0.06, mast + 0.32, deck - 0.06);
        if (path.Happens(0.8))
        {
            path.Shape(mast - 0.03, 0.16, mast - 0.03, deck - 0.06, 0.14, deck - 0.06);
        }

        if (path.Happens())
        {
            path.Shape(mast, 0.06, mast + 0.1, 0.03, mast, 0.01);
        }

        path.Trace(60, t => (t, 0.95 + (0.02 * Math.Sin(t * 30))));
    }

    private static void Star(PathBuilder path)
    {
        var (points, inner) = (path.Happens(0.75) ? 5 : path.Integer(4, 7), path.Uniform(0.17, 0.23));
        path.Trace(points * 2, t =>
        {
            var i = (int)Math.Round(t * points * 2);
            var (s, c) = Math.SinCos((i * Math.PI / points) - (Math.PI / 2));
            var r = i % 2 == 0 ? 0.46 : inner;
            return (0.5 + (r * c), 0.5 + (r * s));
        });
        if (path.Happens(0.25))
        {
            for (var i = 0; i < points; i++)
            {
                var (s, c) = Math.SinCos((2 * i * Math.PI / points) - (Math.PI / 2));
                path.Line(0.5, 0.5, 0.5 + (0.46 * c), 0.5 + (0.46 * s));
            }
        }
    }

    private static void Flower(PathBuilder path)
    {
        var (petals, centre, y) = (path.Integer(5, 8), path.Uniform(0.06, 0.09), 0.3);
        path.Circle(0.5, y, centre);
        for (var i = 0; i < petals; i++)
        {
            var angle = 360.0 * i / petals;
            var (s, c) = Math.SinCos(angle * Math.PI / 180);
            path.Arc(0.5 + ((centre + 0.095) * c), y + ((centre + 0.095) * s), 0.095, 0.32 / petals, 0, 360, angle);
        }

        var bend = path.Uniform(-0.08, 0.08);
        path.Curve(0.5, y + 0.26, 0.5 + bend, 0.7, 0.5 - bend, 0.85, 0.5, 0.98);
        foreach (var side in path.Happens(0.6) ? new[] { -1, 1 } : [1])
        {
            path.Curve(0.5, 0.85, 0.5 + (side * 0.08), 0.68, 0.5 + (side * 0.2), 0.65, 0.5 + (side * 0.26), 0.68);
            path.Curve(0.5, 0.85, 0.5 + (side * 0.12), 0.85, 0.5 + (side * 0.22), 0.78, 0.5 + (side * 0.26), 0.68);
        }
    }

    private static void Spiral(PathBuilder path)
    {
        var (turns, power, start) = (path.Uniform(2.5, 5), path.Uniform(0.8, 1.2), path.Uniform(0, 6.28));
        path.Trace(200, t =>
        {
            var r = 0.46 * Math.Pow(t, power);
            var (s, c) = Math.SinCos(start + (2 * Math.PI * turns * t));
            return (0.5 + (r * c), 0.5 + (r * s));
        });
    }

    private static void Envelope(PathBuilder path)
    {
        var (top, bottom) = (path.Uniform(0.2, 0.28), path.Uniform(0.74, 0.82));
        path.Box(0.05, top, 0.95, bottom);
        var fold = path.Uniform(0.5, 0.6);
        path.Line(0.05, top, 0.5, fold, 0.95, top);
        if (path.Happens(0.6))
        {
            path.Line(0.05, bottom, 0.38, 0.47);
            path.Line(0.95, bottom, 0.62, 0.47);
        }

        if (path.Happens(0.35))
        {
            path.Circle(0.5, fold, 0.05);
        }
    }

    private static void Umbrella(PathBuilder path)
    {
        var rib = path.Integer(3, 5);
        path.Arc(0.5, 0.5, 0.45, path.Uniform(0.36, 0.44), 180, 360);
        for (var i = 0; i < rib; i++)
        {
            path.Arc(0.05 + (0.9 * (i + 0.5) / rib), 0.5, 0.45 / rib, 0.05, 180, 360);
            if (i > 0)
            {
                var x = 0.05 + (0.9 * i / rib);
                path.Curve(x, 0.5, x, 0.35, 0.5 + ((x - 0.5) * 0.5), 0.15, 0.5, 0.09);
            }
        }

        path.Line(0.5, 0.47, 0.5, 0.85);
        path.Arc(0.5 + 0.06, 0.85, 0.06, 0.09, 180, 0);
        path.Line(0.5, 0.1, 0.5, 0.03);
    }

    private static void Ladder(PathBuilder path)
    {
        var (rungs, top, bottom) = (path.Integer(5, 8), path.Uniform(0.08, 0.16), path.Uniform(0.16, 0.22));
        path.Line(0.5 - top, 0.03, 0.5 - bottom, 0.97);
        path.Line(0.5 + top, 0.03, 0.5 + bottom, 0.97);
        var twice = path.Happens(0.4);
        for (var i = 0; i < rungs; i++)
        {
            var y = 0.1 + (0.8 * i / (rungs - 1));
            var half = top + ((bottom - top) * y);
            path.Line(0.5 - half, y, 0.5 + half, y);
            if (twice)
            {
                path.Line(0.5 - half, y + 0.025, 0.5 + half, y + 0.025);
            }
        }
    }

    private static void Key(PathBuilder path)
    {
        var r = path.Uniform(0.14, 0.19);
        if (path.Happens(0.6))
        {
            path.Circle(0.2, 0.5, r);
            path.Circle(0.2, 0.5, r * path.Uniform(0.45, 0.65));
        }
        else
        {
            // A clover bow.
            path.Circle(0.12, 0.5, 0.08);
            path.Circle(0.23, 0.41, 0.08);
            path.Circle(0.23, 0.59, 0.08);
        }

        path.Line(0.2 + r, 0.475, 0.95, 0.475, 0.95, 0.525, 0.2 + r, 0.525);
        var teeth = path.Integer(2, 3);
        for (var i = 0; i < teeth; i++)
        {
            var (x, depth) = (0.92 - (i * 0.09), path.Uniform(0.08, 0.15));
            path.Line(x, 0.525, x, 0.525 + depth, x - 0.05, 0.525 + depth, x - 0.05, 0.525);
        }
    }

    private static void Mug(PathBuilder path)
    {
        var (taper, right) = (path.Uniform(0, 0.06), path.Uniform(0.64, 0.72));
        path.Arc((0.12 + right) / 2, 0.25, (right - 0.12) / 2, path.Uniform(0.04, 0.08), 0, 360);
        path.Line(0.12, 0.25, 0.12 + taper, 0.85);
        path.Line(right, 0.25, right - taper, 0.85);
        path.Arc((0.12 + right) / 2, 0.85, ((right - 0.12) / 2) - taper, 0.06, 180, 0);
        path.Arc(right, 0.52, path.Uniform(0.16, 0.22), 0.2, -85, 85);
        path.Arc(right, 0.52, 0.1, 0.13, -85, 85);
        for (var i = path.Integer(0, 3); i > 0; i--)
        {
            var x = 0.2 + (i * 0.11);
            path.Curve(x, 0.17, x + 0.05, 0.13, x - 0.05, 0.08, x, 0.03);
        }
    }

    private static void Mushroom(PathBuilder path)
    {
        var (edge, stem) = (path.Uniform(0.46, 0.54), path.Uniform(0.09, 0.14));
        path.Arc(0.5, edge, 0.42, path.Uniform(0.34, 0.42), 180, 360);
        path.Arc(0.5, edge, 0.42, 0.06, 0, 180);
        path.Curve(0.5 - stem, edge + 0.05, 0.5 - stem, 0.7, 0.5 - stem, 0.8, 0.46 - stem, 0.93);
        path.Curve(0.5 + stem, edge + 0.05, 0.5 + stem, 0.7, 0.5 + stem, 0.8, 0.54 + stem, 0.93);
        path.Arc(0.5, 0.93, stem + 0.04, 0.03, 180, 0);
        if (path.Happens(0.8))
        {
            path.Circle(0.4, edge - 0.2, path.Uniform(0.05, 0.08));
            path.Circle(0.64, edge - 0.16, path.Uniform(0.04, 0.07));
            path.Circle(0.25, edge - 0.08, 0.04);
            path.Circle(0.54, edge - 0.06, 0.03);
        }
    }

    private static void Kite(PathBuilder path)
    {
        var (waist, half) = (path.Uniform(0.22, 0.3), path.Uniform(0.2, 0.27));
        path.Shape(0.55, 0.02, 0.55 + half, waist, 0.55, 0.62, 0.55 - half, waist);
        path.Line(0.55, 0.02, 0.55, 0.62);
        path.Line(0.55 - half, waist, 0.55 + half, waist);
        path.Curve(0.55, 0.62, 0.35, 0.7, 0.7, 0.85, 0.3, 0.97);
        for (var i = path.Integer(2, 3); i > 0; i--)
        {
            var t = 0.2 + (0.25 * i);
            var (x, y) = (0.55 - (0.25 * t * t) + (0.03 * i), 0.62 + (0.35 * t));
            path.Shape(x, y, x - 0.06, y - 0.035, x - 0.06, y + 0.035);
            path.Shape(x, y, x + 0.06, y - 0.035, x + 0.06, y + 0.035);
        }
    }

    private static void Snail(PathBuilder path)
    {
        var turns = path.Uniform(2, 3.2);
        path.Trace(120, t =>
        {
            var r = 0.27 * t;
            var (s, c) = Math.SinCos(1.5 + (2 * Math.PI * turns * (t - 1)));
            return (0.57 + (r * c), 0.5 + (r * s));
        });
        path.Curve(0.95, 0.84, 0.7, 0.8, 0.4, 0.84, 0.14, 0.84);
        path.Curve(0.95, 0.84, 0.86, 0.78, 0.82, 0.72, 0.78, 0.68);
        path.Curve(0.14, 0.84, 0.02, 0.78, 0.04, 0.56, 0.14, 0.5);
        path.Curve(0.14, 0.5, 0.24, 0.48, 0.26, 0.62, 0.32, 0.66);
        path.Line(0.12, 0.51, path.Uniform(0.02, 0.08), 0.3);
        path.Line(0.18, 0.5, path.Uniform(0.18, 0.24), 0.3);
        path.Circle(0.05, 0.28, 0.02);
        path.Circle(0.21, 0.28, 0.02);
        path.Circle(0.12, 0.62, 0.012);
    }

    private static void Glasses(PathBuilder path)
    {
        var (rx, ry) = (path.Uniform(0.15, 0.19), path.Uniform(0.11, 0.19));
        if (path.Happens(0.7))
        {
            path.Arc(0.27, 0.55, rx, ry, 0, 360);
            path.Arc(0.73, 0.55, rx, ry, 0, 360);
        }
        else
        {
            path.Box(0.27 - rx, 0.55 - ry, 0.27 + rx, 0.55 + ry);
            path.Box(0.73 - rx, 0.55 - ry, 0.73 + rx, 0.55 + ry);
        }

        path.Arc(0.5, 0.53, 0.23 - rx, 0.06, 180, 360);
        var lift = path.Uniform(0.2, 0.3);
        path.Line(0.27 - rx, 0.52, 0.03, 0.52 - lift, 0.1, 0.47 - lift);
        path.Line(0.73 + rx, 0.52, 0.97, 0.52 - lift, 0.9, 0.47 - lift);
    }

    private static void Clock(PathBuilder path)
    {
        var r = path.Uniform(0.4, 0.45);
        path.Circle(0.5, 0.5, r);
        if (path.Happens())
        {
            path.Circle(0.5, 0.5, r * 0.9);
        }

        var marks = path.Happens() ? 12 : 4;
        for (var i = 0; i < marks; i++)
        {
            var (s, c) = Math.SinCos(2 * Math.PI * i / marks);
            path.Line(0.5 + (r * 0.75 * c), 0.5 + (r * 0.75 * s), 0.5 + (r * 0.87 * c), 0.5 + (r * 0.87 * s));
        }

        foreach (var length in new[] { 0.42, 0.66 })
        {
            var (s, c) = Math.SinCos(path.Uniform(0, 2 * Math.PI));
            path.Line(0.5, 0.5, 0.5 + (r * length * c), 0.5 + (r * length * s));
        }

        path.Circle(0.5, 0.5, 0.015);
    }

    private static void Arrow(PathBuilder path)
    {
        var (head, shaft, neck) = (path.Uniform(0.18, 0.26), path.Uniform(0.06, 0.11), path.Uniform(0.58, 0.68));
        if (path.Happens(0.65))
        {
            path.Shape(0.04, 0.5 - shaft, neck, 0.5 - shaft, neck, 0.5 - head, 0.96, 0.5, neck, 0.5 + head, neck, 0.5 + shaft, 0.04, 0.5 + shaft);
            return;
        }

        // An arrow with feathers.
        path.Line(0.04, 0.5, 0.96, 0.5);
        path.Line(0.78, 0.5 - (head * 0.7), 0.96, 0.5, 0.78, 0.5 + (head * 0.7));
        for (var i = 0; i < 3; i++)
        {
            path.Line(0.06 + (i * 0.06), 0.5, 0.01 + (i * 0.06), 0.42);
            path.Line(0.06 + (i * 0.06), 0.5, 0.01 + (i * 0.06), 0.58);
        }
    }

    private static void Bird(PathBuilder path)
    {
        var head = path.Uniform(0.1, 0.13);
        path.Circle(0.3, 0.32, head);
        path.Line(0.3 - head, 0.29, 0.08, 0.34, 0.3 - head, 0.37);
        path.Circle(0.27, 0.3, 0.015);
        path.Curve(0.3 - (head * 0.7), 0.41, 0.2, 0.75, 0.5, 0.85, 0.74, 0.6);
        path.Curve(0.3 + (head * 0.85), 0.37, 0.45, 0.4, 0.6, 0.42, 0.74, 0.5);
        path.Line(0.74, 0.5, 0.96, path.Uniform(0.38, 0.46), 0.94, 0.55, 0.74, 0.6);
        path.Curve(0.42, 0.5, 0.45, 0.68, 0.6, 0.7, 0.7, 0.55);
        path.Curve(0.42, 0.5, 0.5, 0.46, 0.6, 0.48, 0.7, 0.55);
        foreach (var x in new[] { 0.43, 0.53 })
        {
            path.Line(x, 0.75, x, 0.92, x - 0.05, 0.95);
            path.Line(x, 0.92, x + 0.05, 0.95);
        }

        if (path.Happens(0.3))
        {
            path.Line(0.2, 0.96, 0.8, 0.94);
        }
    }

    private static void Butterfly(PathBuilder path)
    {
        var (upper, lower) = (path.Uniform(0.38, 0.46), path.Uniform(0.28, 0.36));
        path.Arc(0.5, 0.52, 0.03, 0.22, 0, 360);
        foreach (var side in new[] { -1, 1 })
        {
            path.Curve(0.5, 0.45, 0.5 + (side * 0.15), -0.05, 0.5 + (side * upper * 1.4), 0.05, 0.5 + (side * upper), 0.38);
            path.Curve(0.5 + (side * upper), 0.38, 0.5 + (side * upper * 0.9), 0.52, 0.5 + (side * 0.2), 0.55, 0.5, 0.53);
            path.Curve(0.5, 0.55, 0.5 + (side * lower * 1.3), 0.52, 0.5 + (side * lower * 1.4), 0.85, 0.5 + (side * lower * 0.6), 0.88);
            path.Curve(0.5 + (side * lower * 0.6), 0.88, 0.5 + (side * 0.1), 0.88, 0.5 + (side * 0.04), 0.75, 0.5, 0.65);
            path.Curve(0.5, 0.31, 0.5 + (side * 0.03), 0.2, 0.5 + (side * 0.08), 0.14, 0.5 + (side * 0.12), 0.13);
            if (path.Happens(0.7))
            {
                path.Circle(0.5 + (side * 0.27), 0.3, 0.05);
                path.Circle(0.5 + (side * 0.2), 0.7, 0.035);
            }
        }
    }

    private static void Bicycle(PathBuilder path)
    {
        var r = path.Uniform(0.17, 0.2);
        var (y, spokes) = (0.68, path.Happens() ? path.Integer(4, 8) : 0);
        foreach (var x in new[] { 0.22, 0.78 })
        {
            path.Circle(x, y, r);
            for (var i = 0; i < spokes; i++)
            {
                var (s, c) = Math.SinCos(2 * Math.PI * i / spokes);
                path.Line(x, y, x + (r * c), y + (r * s));
            }
        }

        var (sx, sy, hx, hy) = (path.Uniform(0.36, 0.42), 0.38, path.Uniform(0.66, 0.7), 0.36);
        path.Line(0.22, y, 0.47, y, sx, sy, 0.22, y);
        path.Line(0.47, y, hx, hy + 0.03, sx + 0.01, sy + 0.03);
        path.Line(0.78, y, hx, hy, hx - 0.02, hy - 0.08, hx + 0.08, hy - 0.1);
        path.Line(sx, sy, sx - 0.01, sy - 0.05);
        path.Line(sx - 0.07, sy - 0.05, sx + 0.06, sy - 0.05);
        path.Circle(0.47, y, 0.04);
    }

    private static void Crown(PathBuilder path)
    {
        var (points, valley) = (path.Integer(3, 5), path.Uniform(0.5, 0.6));
        path.Trace(points * 2, t =>
        {
            var i = (int)Math.Round(t * points * 2);
            return (0.08 + (0.84 * t), i % 2 == 0 ? (i == 0 || i == points * 2 ? 0.3 : valley) : 0.2);
        });
        path.Line(0.08, 0.3, 0.16, 0.82, 0.84, 0.82, 0.92, 0.3);
        path.Line(0.15, 0.72, 0.85, 0.72);
        for (var i = 0; i < points; i++)
        {
            path.Circle(0.08 + (0.84 * ((2 * i) + 1) / (2 * points)), 0.17, 0.03);
        }

        if (path.Happens(0.6))
        {
            for (var i = 0; i < 4; i++)
            {
                path.Circle(0.25 + (i * 0.165), 0.77, 0.025);
            }
        }
    }

    private static void Heart(PathBuilder path)
    {
        var dip = path.Uniform(0.25, 0.35);
        foreach (var side in new[] { -1, 1 })
        {
            path.Curve(0.5, dip, 0.5 + (side * 0.1), 0.02, 0.5 + (side * 0.55), 0.05, 0.5 + (side * 0.44), 0.42);
            path.Curve(0.5 + (side * 0.44), 0.42, 0.5 + (side * 0.36), 0.62, 0.5 + (side * 0.12), 0.8, 0.5, 0.95);
        }

        if (path.Happens(0.3))
        {
            path.Arc(0.28, 0.32, 0.1, 0.1, 180, 270);
        }
    }

    private static void Sun(PathBuilder path)
    {
        var (rays, r) = (path.Integer(8, 14), path.Uniform(0.2, 0.25));
        path.Circle(0.5, 0.5, r);
        for (var i = 0; i < rays; i++)
        {
            var (s, c) = Math.SinCos(2 * Math.PI * i / rays);
            var length = i % 2 == 0 ? 0.47 : path.Uniform(0.36, 0.47);
            path.Line(0.5 + ((r + 0.05) * c), 0.5 + ((r + 0.05) * s), 0.5 + (length * c), 0.5 + (length * s));
        }

        if (path.Happens(0.4))
        {
            path.Circle(0.43, 0.46, 0.015);
            path.Circle(0.57, 0.46, 0.015);
            path.Arc(0.5, 0.53, 0.09, 0.07, 0, 180);
        }
    }

    private static void Cactus(PathBuilder path)
    {
        var (low, high) = (path.Uniform(0.45, 0.55), path.Uniform(0.3, 0.42));
        path.Line(0.4, 0.78, 0.4, 0.16);
        path.Arc(0.5, 0.16, 0.1, 0.12, 180, 360);
        path.Line(0.6, 0.16, 0.6, 0.78);
        path.Line(0.4, low + 0.12, 0.2, low + 0.12, 0.2, low - 0.12);
        path.Arc(0.24, low - 0.12, 0.04, 0.05, 180, 360);
        path.Line(0.28, low - 0.12, 0.28, low + 0.03, 0.4, low + 0.03);
        path.Line(0.6, high + 0.14, 0.8, high + 0.14, 0.8, high - 0.12);
        path.Arc(0.76, high - 0.12, 0.04, 0.05, 360, 180);
        path.Line(0.72, high - 0.12, 0.72, high + 0.05, 0.6, high + 0.05);
        path.Shape(0.3, 0.78, 0.7, 0.78, 0.64, 0.97, 0.36, 0.97);
        for (var i = path.Integer(4, 8); i > 0; i--)
        {
            var (x, y) = (path.Uniform(0.43, 0.55), path.Uniform(0.15, 0.72));
            path.Line(x, y, x + 0.03, y + 0.02);
        }
    }

    private static void Candle(PathBuilder path)
    {
        var (half, top) = (path.Uniform(0.09, 0.14), path.Uniform(0.34, 0.42));
        path.Line(0.5 - half, 0.84, 0.5 - half, top, 0.5 + half, top, 0.5 + half, 0.84);
        path.Line(0.5, top, 0.5, top - 0.07);
        path.Curve(0.5, top - 0.04, 0.38, top - 0.12, 0.46, top - 0.22, 0.5, top - 0.32);
        path.Curve(0.5, top - 0.04, 0.62, top - 0.12, 0.54, top - 0.22, 0.5, top - 0.32);
        path.Arc(0.5, 0.85, 0.3, 0.07, 0, 360);
        path.Arc(0.84, 0.85, 0.07, 0.06, 0, 360);
        if (path.Happens())
        {
            path.Curve(0.5 - half, top, 0.5 - half + 0.02, top + 0.18, 0.5 - half + 0.06, top + 0.18, 0.5 - half + 0.07, top);
        }
    }
}
