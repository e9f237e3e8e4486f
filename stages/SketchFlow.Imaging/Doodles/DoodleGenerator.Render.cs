using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Doodles;

/// <summary>Renders strokes to a JPEG with a random drawing style, paper and lighting.</summary>
public static partial class DoodleGenerator
{
    private static readonly string[] Words = ["sketch", "stock", "draft", "sample", "art", "study", "copyright", "photo", "preview"];

    private static byte[] Render(KeyedRandom random, Action<PathBuilder> subject, bool mirrored, int quality)
    {
        MatView.Initialize();
        var path = new PathBuilder(random.Fork(1));
        subject(path);

        var (width, height) = (random.NextInteger(400, 801), random.NextInteger(400, 801));
        using var canvas = new Mat(height, width, MatType.CV_8UC1, Scalar.All(255));
        var style = new DrawingStyle(ref random, width, height);
        for (var again = 0; again < style.Passes; again++)
        {
            foreach (var stroke in path.Strokes)
            {
                style.Draw(canvas, stroke, ref random);
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

    // Text next to the drawing, or a pale watermark across it.
    private static void AddText(Mat canvas, ref KeyedRandom random)
    {
        var (text, watermark) = (random.Happens(0.1), random.Happens(0.1));
        var word = Words[random.NextInteger(0, Words.Length)];
        if (text)
        {
            var at = new Point(random.NextInteger(5, Math.Max(6, canvas.Width - 150)), random.Happens(0.5) ? canvas.Height - 12 : 28);
            var (scale, ink) = (random.NextUniform(0.6, 1.1), Scalar.All(random.NextInteger(30, 150)));
            Cv2.PutText(canvas, word, at, HersheyFonts.HersheyScriptSimplex, scale, ink, 1, LineTypes.AntiAlias);
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

    // Multiplies each level by paper × (1 - gradient to one side - vignette), sometimes with grain.
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
            using var grainy = ImageCorruptions.GaussianNoise(plain, grain, grains);
            grainy.Bytes.CopyTo(new Span<byte>((void*)output.Data, w * h));
        }

        return output;
    }

    // Most drawings are grey but saved in colour, like scans; some have coloured paper and ink; some are saved as grey.
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
}
