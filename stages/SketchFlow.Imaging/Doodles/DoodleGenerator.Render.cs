using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Doodles;

/// <summary>Strokes to a JPEG, in a hand, on a paper and under a light of its own.</summary>
public static partial class DoodleGenerator
{
    // Points of OpenCV's drawing functions carry four fractional bits.
    private const int Shift = 4;

    private static readonly string[] Words = ["sketch", "stock", "draft", "sample", "art", "study", "copyright", "photo", "preview"];

    private static byte[] Render(KeyedRandom random, Action<PathBuilder> subject, bool mirrored, int quality)
    {
        MatView.Initialize();
        var pen = new PathBuilder(random.Fork(1));
        subject(pen);

        var (width, height) = (random.NextInteger(400, 801), random.NextInteger(400, 801));
        using var canvas = new Mat(height, width, MatType.CV_8UC1, Scalar.All(255));
        var line = new DrawingStyle(ref random, width, height);
        for (var again = 0; again < line.Passes; again++)
        {
            foreach (var stroke in pen.Strokes)
            {
                line.Draw(canvas, stroke, ref random);
            }
        }

        AddText(canvas, ref random);
        if (mirrored)
        {
            Cv2.Flip(canvas, canvas, FlipMode.Y);
        }

        using var lit = ApplyLight(canvas, ref random);
        using var final = ApplyInk(lit, ref random);
        Cv2.ImEncode(".jpg", final, out var bytes, new ImageEncodingParam(ImwriteFlags.JpegQuality, quality));
        return bytes;
    }

    // Text beside the drawing, or a pale watermark across it.
    private static void AddText(Mat canvas, ref KeyedRandom random)
    {
        var (text, watermark) = (random.Happens(0.1), random.Happens(0.1));
        var word = Words[random.NextInteger(0, Words.Length)];
        if (text)
        {
            var at = new Point(random.NextInteger(5, Math.Max(6, canvas.Width - 150)), random.Happens(0.5) ? canvas.Height - 12 : 28);
            Cv2.PutText(canvas, word, at, HersheyFonts.HersheyScriptSimplex, random.NextUniform(0.6, 1.1), Scalar.All(random.NextInteger(30, 150)), 1, LineTypes.AntiAlias);
        }

        if (!watermark)
        {
            return;
        }

        var (width, height) = (canvas.Width, canvas.Height);
        using var layer = new Mat(canvas.Size(), MatType.CV_8UC1, Scalar.All(255));
        var (size, grey) = (random.NextUniform(1.2, 2.2), random.NextInteger(170, 225));
        for (var y = 0; y < height + 60; y += 140)
        {
            for (var x = -60; x < width; x += 320)
            {
                Cv2.PutText(layer, word, new Point(x + (y % 280), y), HersheyFonts.HersheyDuplex, size, Scalar.All(grey), 2, LineTypes.AntiAlias);
            }
        }

        using var turn = Cv2.GetRotationMatrix2D(new Point2f(width / 2F, height / 2F), random.NextUniform(20, 40), 1);
        Cv2.WarpAffine(layer, layer, turn, layer.Size(), InterpolationFlags.Linear, BorderTypes.Constant, Scalar.All(255));
        Cv2.Min(canvas, layer, canvas);
    }

    // Paper that is not white, darker to one side, sometimes grainy: level × (a + b x + c y + d r²), in 16.16 fixed point.
    private static unsafe Mat ApplyLight(Mat canvas, ref KeyedRandom random)
    {
        var (w, h) = (canvas.Width, canvas.Height);
        var paper = random.Happens(0.35) ? 1 : random.NextUniform(0.72, 1);
        var uneven = random.Happens(0.5) ? random.NextUniform(0.05, 0.35) : 0;
        var (sin, cos) = Math.SinCos(random.NextUniform(0, 2 * Math.PI));
        var vignette = random.Happens(0.2) ? random.NextUniform(0.05, 0.25) : 0;
        var darkInk = random.NextInteger(0, 70);
        var (grain, grains) = (random.Happens(0.3) ? random.NextUniform(1, 6) : 0, random.Fork(2));

        var output = new Mat(h, w, MatType.CV_8UC1);
        for (var y = 0; y < h; y++)
        {
            var from = (byte*)canvas.Ptr(y);
            var to = (byte*)output.Ptr(y);
            var v = (2.0 * y / h) - 1;
            for (var x = 0; x < w; x++)
            {
                var u = (2.0 * x / w) - 1;
                var light = paper * (1 - (uneven * 0.5 * (1 + (0.7 * ((cos * u) + (sin * v))))) - (vignette * 0.5 * ((u * u) + (v * v))));
                to[x] = (byte)(light * (darkInk + (from[x] * (255 - darkInk) / 255)));
            }
        }

        if (grain > 0)
        {
            using var plain = Pixels.From(new Sample(0, "doodle", "doodle", null), w, h, 1, new ReadOnlySpan<byte>((void*)output.Data, w * h));
            using var grainy = Augment.GaussianNoise(plain, grain, grains);
            grainy.Bytes.CopyTo(new Span<byte>((void*)output.Data, w * h));
        }

        return output;
    }

    // Most drawings are grey, saved in colour as scans are; some are on coloured paper or in coloured ink; some are saved grey.
    private static Mat ApplyInk(Mat grey, ref KeyedRandom random)
    {
        var kind = random.NextUnit();
        if (kind < 0.3)
        {
            return grey.Clone();
        }

        var colour = new Mat();
        Cv2.CvtColor(grey, colour, ColorConversionCodes.GRAY2BGR);
        if (kind < 0.86)
        {
            return colour;
        }

        using var table = new Mat(1, 256, MatType.CV_8UC3);
        Span<double> ink = [random.NextUniform(0, 150), random.NextUniform(0, 110), random.NextUniform(0, 150)];
        Span<double> paper = [random.NextUniform(170, 255), random.NextUniform(200, 255), random.NextUniform(215, 255)];
        for (var i = 0; i < 256; i++)
        {
            table.Set(0, i, new Vec3b(Mix(ink[0], paper[0], i), Mix(ink[1], paper[1], i), Mix(ink[2], paper[2], i)));
        }

        Cv2.LUT(colour, table, colour);
        return colour;

        static byte Mix(double from, double to, int level) => (byte)(from + ((to - from) * level / 255));
    }

    /// <summary>How one person draws: where on the page, how large, how shaky, with which pen.</summary>
    private readonly struct DrawingStyle
    {
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

            // Drawings follow the page a little: wide pages hold wide houses.
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

        /// <summary>Times that every line is drawn: some search for it.</summary>
        public int Passes { get; }

        public void Draw(Mat canvas, ReadOnlySpan<(double X, double Y)> stroke, ref KeyedRandom random)
        {
            // Three slow waves a stroke make the hand shake; the phase differs from stroke to stroke.
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
                            Ink(canvas, points, thickness);
                            lifted = random.NextUniform(6, 16);
                        }
                    }
                }
            }

            Ink(canvas, points, thickness);
        }

        private static void Ink(Mat canvas, List<Point> points, int thickness)
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

            // A mild perspective, as of paper seen from the side.
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
}
