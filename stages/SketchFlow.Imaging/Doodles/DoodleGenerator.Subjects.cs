using System.Collections.Immutable;

namespace SketchFlow.Imaging.Doodles;

/// <summary>The subjects: each a small function that draws strokes, with parameters that vary from hand to hand.</summary>
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

    /// <summary>The classes, in the order of their numbers.</summary>
    public static ImmutableArray<string> Classes { get; } = [.. Subjects.Select(s => s.Name)];

    private static void House(PathBuilder pen)
    {
        var (left, right, eaves, top) = (pen.Uniform(0.1, 0.2), pen.Uniform(0.8, 0.9), pen.Uniform(0.4, 0.5), pen.Uniform(0.05, 0.2));
        pen.Box(left, eaves, right, 0.95);
        pen.Line(left - 0.07, eaves + 0.02, pen.Uniform(0.42, 0.58), top, right + 0.07, eaves + 0.02);
        var door = pen.Uniform(left + 0.08, 0.6);
        pen.Line(door, 0.95, door, 0.68, door + 0.14, 0.68, door + 0.14, 0.95);
        var window = door < 0.4 ? right - 0.26 : left + 0.06;
        pen.Box(window, eaves + 0.1, window + 0.18, eaves + 0.26);
        pen.Line(window + 0.09, eaves + 0.1, window + 0.09, eaves + 0.26);
        pen.Line(window, eaves + 0.18, window + 0.18, eaves + 0.18);
        if (pen.Happens(0.6))
        {
            pen.Line(0.7, 0.3, 0.7, 0.1, 0.79, 0.1, 0.79, 0.38);
        }

        if (pen.Happens(0.3))
        {
            pen.Circle(0.5, (eaves + top) / 2 + 0.04, 0.05);
        }
    }

    private static void Fish(PathBuilder pen)
    {
        var (fat, tail) = (pen.Uniform(0.18, 0.3), pen.Uniform(0.12, 0.2));
        pen.Curve(0.05, 0.5, 0.2, 0.5 - (1.4 * fat), 0.55, 0.5 - (1.4 * fat), 0.75, 0.5);
        pen.Curve(0.05, 0.5, 0.2, 0.5 + (1.4 * fat), 0.55, 0.5 + (1.4 * fat), 0.75, 0.5);
        pen.Line(0.74, 0.5, 0.95, 0.5 - tail, pen.Uniform(0.86, 0.92), 0.5, 0.95, 0.5 + tail, 0.74, 0.5);
        pen.Circle(0.2, 0.46, pen.Uniform(0.015, 0.03));
        pen.Arc(0.2, 0.5, 0.12, fat * 0.8, -55, 55);
        pen.Curve(0.05, 0.52, 0.08, 0.55, 0.1, 0.55, 0.13, 0.54);
        if (pen.Happens(0.7))
        {
            pen.Curve(0.35, 0.5 - fat, 0.42, 0.36 - fat, 0.55, 0.38 - fat, 0.6, 0.52 - fat);
        }

        for (var i = pen.Integer(0, 3); i > 0; i--)
        {
            pen.Arc(0.35 + (i * 0.09), 0.5, 0.04, 0.07, -80, 80);
        }
    }

    private static void Tree(PathBuilder pen)
    {
        var width = pen.Uniform(0.05, 0.09);
        if (pen.Happens())
        {
            // A fir: tiers of triangles.
            var tiers = pen.Integer(2, 4);
            for (var i = 0; i < tiers; i++)
            {
                var (y, half) = (0.05 + (0.7 * i / tiers), 0.18 + (0.2 * (i + 1) / tiers));
                var foot = 0.05 + (0.7 * (i + 1) / tiers) + 0.06;
                pen.Shape(0.5, y, 0.5 + half, foot, 0.5 - half, foot);
            }

            pen.Line(0.5 - width, 0.82, 0.5 - width, 0.97);
            pen.Line(0.5 + width, 0.82, 0.5 + width, 0.97);
            return;
        }

        var (bumps, crown) = (pen.Integer(6, 10), pen.Uniform(0.26, 0.34));
        pen.Trace(120, t =>
        {
            var r = crown * (0.9 + (0.12 * Math.Abs(Math.Sin(Math.PI * bumps * t))));
            var (s, c) = Math.SinCos(2 * Math.PI * t);
            return (0.5 + (r * 1.15 * c), 0.36 + (r * s));
        });
        pen.Curve(0.5 - width, 0.64, 0.5 - width, 0.8, 0.5 - width, 0.9, 0.42 - width, 0.97);
        pen.Curve(0.5 + width, 0.64, 0.5 + width, 0.8, 0.5 + width, 0.9, 0.58 + width, 0.97);
        if (pen.Happens())
        {
            pen.Line(0.5, 0.62, 0.42, 0.45);
            pen.Line(0.5, 0.58, 0.58, 0.42);
        }
    }

    private static void Cat(PathBuilder pen)
    {
        var (rx, ry) = (pen.Uniform(0.32, 0.38), pen.Uniform(0.28, 0.34));
        pen.Arc(0.5, 0.57, rx, ry, 0, 360);
        var ear = pen.Uniform(0.05, 0.14);
        pen.Line(0.5 - (rx * 0.92), 0.45, 0.5 - (rx * 0.8), ear, 0.5 - (rx * 0.3), 0.3);
        pen.Line(0.5 + (rx * 0.92), 0.45, 0.5 + (rx * 0.8), ear, 0.5 + (rx * 0.3), 0.3);
        foreach (var side in new[] { -1, 1 })
        {
            pen.Arc(0.5 + (side * 0.13), 0.5, 0.05, 0.035, 0, 360);
            pen.Arc(0.5 + (side * 0.13), 0.5, 0.01, 0.03, 0, 360);
            pen.Arc(0.5 + (side * 0.05), 0.67, 0.05, 0.05, 0, 180);
            for (var i = 0; i < 3; i++)
            {
                pen.Line(0.5 + (side * 0.14), 0.64 + (i * 0.03), 0.5 + (side * 0.46), 0.57 + (i * 0.07));
            }
        }

        pen.Shape(0.46, 0.6, 0.54, 0.6, 0.5, 0.65);
    }

    private static void Car(PathBuilder pen)
    {
        var (roof, hood, wheel) = (pen.Uniform(0.25, 0.35), pen.Uniform(0.48, 0.54), pen.Uniform(0.08, 0.11));
        pen.Line(0.04, 0.7, 0.05, hood + 0.02, 0.2, hood, 0.32, roof, 0.66, roof, 0.78, hood, 0.95, hood + 0.05, 0.96, 0.7, 0.04, 0.7);
        pen.Line(0.25, hood, 0.35, roof + 0.04, 0.49, roof + 0.04, 0.49, hood, 0.25, hood);
        pen.Line(0.53, hood, 0.53, roof + 0.04, 0.64, roof + 0.04, 0.73, hood, 0.53, hood);
        foreach (var x in new[] { 0.25, 0.75 })
        {
            pen.Circle(x, 0.71, wheel);
            pen.Circle(x, 0.71, wheel * 0.45);
        }

        if (pen.Happens())
        {
            pen.Line(0.55, hood + 0.06, 0.6, hood + 0.06);
        }

        if (pen.Happens())
        {
            pen.Line(0, 0.7 + wheel, 1, 0.7 + wheel);
        }
    }

    private static void Sailboat(PathBuilder pen)
    {
        var (mast, deck) = (pen.Uniform(0.42, 0.55), pen.Uniform(0.68, 0.75));
        pen.Shape(0.1, deck, 0.9, deck, 0.76, 0.9, 0.24, 0.9);
        pen.Line(mast, deck, mast, 0.06);
        pen.Curve(mast + 0.02, 0.1, mast + 0.2, 0.25, mast + 0.3, 0.5, mast + pen.Uniform(0.28, 0.36), deck - 0.06);
        pen.Line(mast + 0.02, deck - 0.06, mast + 0.32, deck - 0.06);
        if (pen.Happens(0.8))
        {
            pen.Shape(mast - 0.03, 0.16, mast - 0.03, deck - 0.06, 0.14, deck - 0.06);
        }

        if (pen.Happens())
        {
            pen.Shape(mast, 0.06, mast + 0.1, 0.03, mast, 0.01);
        }

        pen.Trace(60, t => (t, 0.95 + (0.02 * Math.Sin(t * 30))));
    }

    private static void Star(PathBuilder pen)
    {
        var (points, inner) = (pen.Happens(0.75) ? 5 : pen.Integer(4, 7), pen.Uniform(0.17, 0.23));
        pen.Trace(points * 2, t =>
        {
            var i = (int)Math.Round(t * points * 2);
            var (s, c) = Math.SinCos((i * Math.PI / points) - (Math.PI / 2));
            var r = i % 2 == 0 ? 0.46 : inner;
            return (0.5 + (r * c), 0.5 + (r * s));
        });
        if (pen.Happens(0.25))
        {
            for (var i = 0; i < points; i++)
            {
                var (s, c) = Math.SinCos((2 * i * Math.PI / points) - (Math.PI / 2));
                pen.Line(0.5, 0.5, 0.5 + (0.46 * c), 0.5 + (0.46 * s));
            }
        }
    }

    private static void Flower(PathBuilder pen)
    {
        var (petals, centre, y) = (pen.Integer(5, 8), pen.Uniform(0.06, 0.09), 0.3);
        pen.Circle(0.5, y, centre);
        for (var i = 0; i < petals; i++)
        {
            var angle = 360.0 * i / petals;
            var (s, c) = Math.SinCos(angle * Math.PI / 180);
            pen.Arc(0.5 + ((centre + 0.095) * c), y + ((centre + 0.095) * s), 0.095, 0.32 / petals, 0, 360, angle);
        }

        var bend = pen.Uniform(-0.08, 0.08);
        pen.Curve(0.5, y + 0.26, 0.5 + bend, 0.7, 0.5 - bend, 0.85, 0.5, 0.98);
        foreach (var side in pen.Happens(0.6) ? new[] { -1, 1 } : [1])
        {
            pen.Curve(0.5, 0.85, 0.5 + (side * 0.08), 0.68, 0.5 + (side * 0.2), 0.65, 0.5 + (side * 0.26), 0.68);
            pen.Curve(0.5, 0.85, 0.5 + (side * 0.12), 0.85, 0.5 + (side * 0.22), 0.78, 0.5 + (side * 0.26), 0.68);
        }
    }

    private static void Spiral(PathBuilder pen)
    {
        var (turns, power, start) = (pen.Uniform(2.5, 5), pen.Uniform(0.8, 1.2), pen.Uniform(0, 6.28));
        pen.Trace(200, t =>
        {
            var r = 0.46 * Math.Pow(t, power);
            var (s, c) = Math.SinCos(start + (2 * Math.PI * turns * t));
            return (0.5 + (r * c), 0.5 + (r * s));
        });
    }

    private static void Envelope(PathBuilder pen)
    {
        var (top, bottom) = (pen.Uniform(0.2, 0.28), pen.Uniform(0.74, 0.82));
        pen.Box(0.05, top, 0.95, bottom);
        var fold = pen.Uniform(0.5, 0.6);
        pen.Line(0.05, top, 0.5, fold, 0.95, top);
        if (pen.Happens(0.6))
        {
            pen.Line(0.05, bottom, 0.38, 0.47);
            pen.Line(0.95, bottom, 0.62, 0.47);
        }

        if (pen.Happens(0.35))
        {
            pen.Circle(0.5, fold, 0.05);
        }
    }

    private static void Umbrella(PathBuilder pen)
    {
        var rib = pen.Integer(3, 5);
        pen.Arc(0.5, 0.5, 0.45, pen.Uniform(0.36, 0.44), 180, 360);
        for (var i = 0; i < rib; i++)
        {
            pen.Arc(0.05 + (0.9 * (i + 0.5) / rib), 0.5, 0.45 / rib, 0.05, 180, 360);
            if (i > 0)
            {
                var x = 0.05 + (0.9 * i / rib);
                pen.Curve(x, 0.5, x, 0.35, 0.5 + ((x - 0.5) * 0.5), 0.15, 0.5, 0.09);
            }
        }

        pen.Line(0.5, 0.47, 0.5, 0.85);
        pen.Arc(0.5 + 0.06, 0.85, 0.06, 0.09, 180, 0);
        pen.Line(0.5, 0.1, 0.5, 0.03);
    }

    private static void Ladder(PathBuilder pen)
    {
        var (rungs, top, bottom) = (pen.Integer(5, 8), pen.Uniform(0.08, 0.16), pen.Uniform(0.16, 0.22));
        pen.Line(0.5 - top, 0.03, 0.5 - bottom, 0.97);
        pen.Line(0.5 + top, 0.03, 0.5 + bottom, 0.97);
        var twice = pen.Happens(0.4);
        for (var i = 0; i < rungs; i++)
        {
            var y = 0.1 + (0.8 * i / (rungs - 1));
            var half = top + ((bottom - top) * y);
            pen.Line(0.5 - half, y, 0.5 + half, y);
            if (twice)
            {
                pen.Line(0.5 - half, y + 0.025, 0.5 + half, y + 0.025);
            }
        }
    }

    private static void Key(PathBuilder pen)
    {
        var r = pen.Uniform(0.14, 0.19);
        if (pen.Happens(0.6))
        {
            pen.Circle(0.2, 0.5, r);
            pen.Circle(0.2, 0.5, r * pen.Uniform(0.45, 0.65));
        }
        else
        {
            // A clover bow.
            pen.Circle(0.12, 0.5, 0.08);
            pen.Circle(0.23, 0.41, 0.08);
            pen.Circle(0.23, 0.59, 0.08);
        }

        pen.Line(0.2 + r, 0.475, 0.95, 0.475, 0.95, 0.525, 0.2 + r, 0.525);
        var teeth = pen.Integer(2, 3);
        for (var i = 0; i < teeth; i++)
        {
            var (x, depth) = (0.92 - (i * 0.09), pen.Uniform(0.08, 0.15));
            pen.Line(x, 0.525, x, 0.525 + depth, x - 0.05, 0.525 + depth, x - 0.05, 0.525);
        }
    }

    private static void Mug(PathBuilder pen)
    {
        var (taper, right) = (pen.Uniform(0, 0.06), pen.Uniform(0.64, 0.72));
        pen.Arc((0.12 + right) / 2, 0.25, (right - 0.12) / 2, pen.Uniform(0.04, 0.08), 0, 360);
        pen.Line(0.12, 0.25, 0.12 + taper, 0.85);
        pen.Line(right, 0.25, right - taper, 0.85);
        pen.Arc((0.12 + right) / 2, 0.85, ((right - 0.12) / 2) - taper, 0.06, 180, 0);
        pen.Arc(right, 0.52, pen.Uniform(0.16, 0.22), 0.2, -85, 85);
        pen.Arc(right, 0.52, 0.1, 0.13, -85, 85);
        for (var i = pen.Integer(0, 3); i > 0; i--)
        {
            var x = 0.2 + (i * 0.11);
            pen.Curve(x, 0.17, x + 0.05, 0.13, x - 0.05, 0.08, x, 0.03);
        }
    }

    private static void Mushroom(PathBuilder pen)
    {
        var (edge, stem) = (pen.Uniform(0.46, 0.54), pen.Uniform(0.09, 0.14));
        pen.Arc(0.5, edge, 0.42, pen.Uniform(0.34, 0.42), 180, 360);
        pen.Arc(0.5, edge, 0.42, 0.06, 0, 180);
        pen.Curve(0.5 - stem, edge + 0.05, 0.5 - stem, 0.7, 0.5 - stem, 0.8, 0.46 - stem, 0.93);
        pen.Curve(0.5 + stem, edge + 0.05, 0.5 + stem, 0.7, 0.5 + stem, 0.8, 0.54 + stem, 0.93);
        pen.Arc(0.5, 0.93, stem + 0.04, 0.03, 180, 0);
        if (pen.Happens(0.8))
        {
            pen.Circle(0.4, edge - 0.2, pen.Uniform(0.05, 0.08));
            pen.Circle(0.64, edge - 0.16, pen.Uniform(0.04, 0.07));
            pen.Circle(0.25, edge - 0.08, 0.04);
            pen.Circle(0.54, edge - 0.06, 0.03);
        }
    }

    private static void Kite(PathBuilder pen)
    {
        var (waist, half) = (pen.Uniform(0.22, 0.3), pen.Uniform(0.2, 0.27));
        pen.Shape(0.55, 0.02, 0.55 + half, waist, 0.55, 0.62, 0.55 - half, waist);
        pen.Line(0.55, 0.02, 0.55, 0.62);
        pen.Line(0.55 - half, waist, 0.55 + half, waist);
        pen.Curve(0.55, 0.62, 0.35, 0.7, 0.7, 0.85, 0.3, 0.97);
        for (var i = pen.Integer(2, 3); i > 0; i--)
        {
            var t = 0.2 + (0.25 * i);
            var (x, y) = (0.55 - (0.25 * t * t) + (0.03 * i), 0.62 + (0.35 * t));
            pen.Shape(x, y, x - 0.06, y - 0.035, x - 0.06, y + 0.035);
            pen.Shape(x, y, x + 0.06, y - 0.035, x + 0.06, y + 0.035);
        }
    }

    private static void Snail(PathBuilder pen)
    {
        var turns = pen.Uniform(2, 3.2);
        pen.Trace(120, t =>
        {
            var r = 0.27 * t;
            var (s, c) = Math.SinCos(1.5 + (2 * Math.PI * turns * (t - 1)));
            return (0.57 + (r * c), 0.5 + (r * s));
        });
        pen.Curve(0.95, 0.84, 0.7, 0.8, 0.4, 0.84, 0.14, 0.84);
        pen.Curve(0.95, 0.84, 0.86, 0.78, 0.82, 0.72, 0.78, 0.68);
        pen.Curve(0.14, 0.84, 0.02, 0.78, 0.04, 0.56, 0.14, 0.5);
        pen.Curve(0.14, 0.5, 0.24, 0.48, 0.26, 0.62, 0.32, 0.66);
        pen.Line(0.12, 0.51, pen.Uniform(0.02, 0.08), 0.3);
        pen.Line(0.18, 0.5, pen.Uniform(0.18, 0.24), 0.3);
        pen.Circle(0.05, 0.28, 0.02);
        pen.Circle(0.21, 0.28, 0.02);
        pen.Circle(0.12, 0.62, 0.012);
    }

    private static void Glasses(PathBuilder pen)
    {
        var (rx, ry) = (pen.Uniform(0.15, 0.19), pen.Uniform(0.11, 0.19));
        if (pen.Happens(0.7))
        {
            pen.Arc(0.27, 0.55, rx, ry, 0, 360);
            pen.Arc(0.73, 0.55, rx, ry, 0, 360);
        }
        else
        {
            pen.Box(0.27 - rx, 0.55 - ry, 0.27 + rx, 0.55 + ry);
            pen.Box(0.73 - rx, 0.55 - ry, 0.73 + rx, 0.55 + ry);
        }

        pen.Arc(0.5, 0.53, 0.23 - rx, 0.06, 180, 360);
        var lift = pen.Uniform(0.2, 0.3);
        pen.Line(0.27 - rx, 0.52, 0.03, 0.52 - lift, 0.1, 0.47 - lift);
        pen.Line(0.73 + rx, 0.52, 0.97, 0.52 - lift, 0.9, 0.47 - lift);
    }

    private static void Clock(PathBuilder pen)
    {
        var r = pen.Uniform(0.4, 0.45);
        pen.Circle(0.5, 0.5, r);
        if (pen.Happens())
        {
            pen.Circle(0.5, 0.5, r * 0.9);
        }

        var marks = pen.Happens() ? 12 : 4;
        for (var i = 0; i < marks; i++)
        {
            var (s, c) = Math.SinCos(2 * Math.PI * i / marks);
            pen.Line(0.5 + (r * 0.75 * c), 0.5 + (r * 0.75 * s), 0.5 + (r * 0.87 * c), 0.5 + (r * 0.87 * s));
        }

        foreach (var length in new[] { 0.42, 0.66 })
        {
            var (s, c) = Math.SinCos(pen.Uniform(0, 2 * Math.PI));
            pen.Line(0.5, 0.5, 0.5 + (r * length * c), 0.5 + (r * length * s));
        }

        pen.Circle(0.5, 0.5, 0.015);
    }

    private static void Arrow(PathBuilder pen)
    {
        var (head, shaft, neck) = (pen.Uniform(0.18, 0.26), pen.Uniform(0.06, 0.11), pen.Uniform(0.58, 0.68));
        if (pen.Happens(0.65))
        {
            pen.Shape(0.04, 0.5 - shaft, neck, 0.5 - shaft, neck, 0.5 - head, 0.96, 0.5, neck, 0.5 + head, neck, 0.5 + shaft, 0.04, 0.5 + shaft);
            return;
        }

        // An arrow with feathers.
        pen.Line(0.04, 0.5, 0.96, 0.5);
        pen.Line(0.78, 0.5 - (head * 0.7), 0.96, 0.5, 0.78, 0.5 + (head * 0.7));
        for (var i = 0; i < 3; i++)
        {
            pen.Line(0.06 + (i * 0.06), 0.5, 0.01 + (i * 0.06), 0.42);
            pen.Line(0.06 + (i * 0.06), 0.5, 0.01 + (i * 0.06), 0.58);
        }
    }

    private static void Bird(PathBuilder pen)
    {
        var head = pen.Uniform(0.1, 0.13);
        pen.Circle(0.3, 0.32, head);
        pen.Line(0.3 - head, 0.29, 0.08, 0.34, 0.3 - head, 0.37);
        pen.Circle(0.27, 0.3, 0.015);
        pen.Curve(0.3 - (head * 0.7), 0.41, 0.2, 0.75, 0.5, 0.85, 0.74, 0.6);
        pen.Curve(0.3 + (head * 0.85), 0.37, 0.45, 0.4, 0.6, 0.42, 0.74, 0.5);
        pen.Line(0.74, 0.5, 0.96, pen.Uniform(0.38, 0.46), 0.94, 0.55, 0.74, 0.6);
        pen.Curve(0.42, 0.5, 0.45, 0.68, 0.6, 0.7, 0.7, 0.55);
        pen.Curve(0.42, 0.5, 0.5, 0.46, 0.6, 0.48, 0.7, 0.55);
        foreach (var x in new[] { 0.43, 0.53 })
        {
            pen.Line(x, 0.75, x, 0.92, x - 0.05, 0.95);
            pen.Line(x, 0.92, x + 0.05, 0.95);
        }

        if (pen.Happens(0.3))
        {
            pen.Line(0.2, 0.96, 0.8, 0.94);
        }
    }

    private static void Butterfly(PathBuilder pen)
    {
        var (upper, lower) = (pen.Uniform(0.38, 0.46), pen.Uniform(0.28, 0.36));
        pen.Arc(0.5, 0.52, 0.03, 0.22, 0, 360);
        foreach (var side in new[] { -1, 1 })
        {
            pen.Curve(0.5, 0.45, 0.5 + (side * 0.15), -0.05, 0.5 + (side * upper * 1.4), 0.05, 0.5 + (side * upper), 0.38);
            pen.Curve(0.5 + (side * upper), 0.38, 0.5 + (side * upper * 0.9), 0.52, 0.5 + (side * 0.2), 0.55, 0.5, 0.53);
            pen.Curve(0.5, 0.55, 0.5 + (side * lower * 1.3), 0.52, 0.5 + (side * lower * 1.4), 0.85, 0.5 + (side * lower * 0.6), 0.88);
            pen.Curve(0.5 + (side * lower * 0.6), 0.88, 0.5 + (side * 0.1), 0.88, 0.5 + (side * 0.04), 0.75, 0.5, 0.65);
            pen.Curve(0.5, 0.31, 0.5 + (side * 0.03), 0.2, 0.5 + (side * 0.08), 0.14, 0.5 + (side * 0.12), 0.13);
            if (pen.Happens(0.7))
            {
                pen.Circle(0.5 + (side * 0.27), 0.3, 0.05);
                pen.Circle(0.5 + (side * 0.2), 0.7, 0.035);
            }
        }
    }

    private static void Bicycle(PathBuilder pen)
    {
        var r = pen.Uniform(0.17, 0.2);
        var (y, spokes) = (0.68, pen.Happens() ? pen.Integer(4, 8) : 0);
        foreach (var x in new[] { 0.22, 0.78 })
        {
            pen.Circle(x, y, r);
            for (var i = 0; i < spokes; i++)
            {
                var (s, c) = Math.SinCos(2 * Math.PI * i / spokes);
                pen.Line(x, y, x + (r * c), y + (r * s));
            }
        }

        var (sx, sy, hx, hy) = (pen.Uniform(0.36, 0.42), 0.38, pen.Uniform(0.66, 0.7), 0.36);
        pen.Line(0.22, y, 0.47, y, sx, sy, 0.22, y);
        pen.Line(0.47, y, hx, hy + 0.03, sx + 0.01, sy + 0.03);
        pen.Line(0.78, y, hx, hy, hx - 0.02, hy - 0.08, hx + 0.08, hy - 0.1);
        pen.Line(sx, sy, sx - 0.01, sy - 0.05);
        pen.Line(sx - 0.07, sy - 0.05, sx + 0.06, sy - 0.05);
        pen.Circle(0.47, y, 0.04);
    }

    private static void Crown(PathBuilder pen)
    {
        var (points, valley) = (pen.Integer(3, 5), pen.Uniform(0.5, 0.6));
        pen.Trace(points * 2, t =>
        {
            var i = (int)Math.Round(t * points * 2);
            return (0.08 + (0.84 * t), i % 2 == 0 ? (i == 0 || i == points * 2 ? 0.3 : valley) : 0.2);
        });
        pen.Line(0.08, 0.3, 0.16, 0.82, 0.84, 0.82, 0.92, 0.3);
        pen.Line(0.15, 0.72, 0.85, 0.72);
        for (var i = 0; i < points; i++)
        {
            pen.Circle(0.08 + (0.84 * ((2 * i) + 1) / (2 * points)), 0.17, 0.03);
        }

        if (pen.Happens(0.6))
        {
            for (var i = 0; i < 4; i++)
            {
                pen.Circle(0.25 + (i * 0.165), 0.77, 0.025);
            }
        }
    }

    private static void Heart(PathBuilder pen)
    {
        var dip = pen.Uniform(0.25, 0.35);
        foreach (var side in new[] { -1, 1 })
        {
            pen.Curve(0.5, dip, 0.5 + (side * 0.1), 0.02, 0.5 + (side * 0.55), 0.05, 0.5 + (side * 0.44), 0.42);
            pen.Curve(0.5 + (side * 0.44), 0.42, 0.5 + (side * 0.36), 0.62, 0.5 + (side * 0.12), 0.8, 0.5, 0.95);
        }

        if (pen.Happens(0.3))
        {
            pen.Arc(0.28, 0.32, 0.1, 0.1, 180, 270);
        }
    }

    private static void Sun(PathBuilder pen)
    {
        var (rays, r) = (pen.Integer(8, 14), pen.Uniform(0.2, 0.25));
        pen.Circle(0.5, 0.5, r);
        for (var i = 0; i < rays; i++)
        {
            var (s, c) = Math.SinCos(2 * Math.PI * i / rays);
            var length = i % 2 == 0 ? 0.47 : pen.Uniform(0.36, 0.47);
            pen.Line(0.5 + ((r + 0.05) * c), 0.5 + ((r + 0.05) * s), 0.5 + (length * c), 0.5 + (length * s));
        }

        if (pen.Happens(0.4))
        {
            pen.Circle(0.43, 0.46, 0.015);
            pen.Circle(0.57, 0.46, 0.015);
            pen.Arc(0.5, 0.53, 0.09, 0.07, 0, 180);
        }
    }

    private static void Cactus(PathBuilder pen)
    {
        var (low, high) = (pen.Uniform(0.45, 0.55), pen.Uniform(0.3, 0.42));
        pen.Line(0.4, 0.78, 0.4, 0.16);
        pen.Arc(0.5, 0.16, 0.1, 0.12, 180, 360);
        pen.Line(0.6, 0.16, 0.6, 0.78);
        pen.Line(0.4, low + 0.12, 0.2, low + 0.12, 0.2, low - 0.12);
        pen.Arc(0.24, low - 0.12, 0.04, 0.05, 180, 360);
        pen.Line(0.28, low - 0.12, 0.28, low + 0.03, 0.4, low + 0.03);
        pen.Line(0.6, high + 0.14, 0.8, high + 0.14, 0.8, high - 0.12);
        pen.Arc(0.76, high - 0.12, 0.04, 0.05, 360, 180);
        pen.Line(0.72, high - 0.12, 0.72, high + 0.05, 0.6, high + 0.05);
        pen.Shape(0.3, 0.78, 0.7, 0.78, 0.64, 0.97, 0.36, 0.97);
        for (var i = pen.Integer(4, 8); i > 0; i--)
        {
            var (x, y) = (pen.Uniform(0.43, 0.55), pen.Uniform(0.15, 0.72));
            pen.Line(x, y, x + 0.03, y + 0.02);
        }
    }

    private static void Candle(PathBuilder pen)
    {
        var (half, top) = (pen.Uniform(0.09, 0.14), pen.Uniform(0.34, 0.42));
        pen.Line(0.5 - half, 0.84, 0.5 - half, top, 0.5 + half, top, 0.5 + half, 0.84);
        pen.Line(0.5, top, 0.5, top - 0.07);
        pen.Curve(0.5, top - 0.04, 0.38, top - 0.12, 0.46, top - 0.22, 0.5, top - 0.32);
        pen.Curve(0.5, top - 0.04, 0.62, top - 0.12, 0.54, top - 0.22, 0.5, top - 0.32);
        pen.Arc(0.5, 0.85, 0.3, 0.07, 0, 360);
        pen.Arc(0.84, 0.85, 0.07, 0.06, 0, 360);
        if (pen.Happens())
        {
            pen.Curve(0.5 - half, top, 0.5 - half + 0.02, top + 0.18, 0.5 - half + 0.06, top + 0.18, 0.5 - half + 0.07, top);
        }
    }
}
