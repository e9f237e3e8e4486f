using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Motion blur and unsharp masking.</summary>
public static class BlurFilters
{
    /// <summary>Computes level + <paramref name="amount"/> × (level - blurred) where the difference is at least <paramref name="threshold"/> levels.</summary>
    public static Pixels UnsharpMask(Pixels input, double sigma, double amount, int threshold)
    {
        var output = MatOperation.Run(input, (source, target) => Cv2.GaussianBlur(source, target, default, sigma));
        var sharp = output.Bytes;
        var level = input.Bytes;
        for (var i = 0; i < sharp.Length; i++)
        {
            var difference = level[i] - sharp[i];
            sharp[i] = Math.Abs(difference) < threshold ? level[i] : (byte)Math.Clamp(Math.Round(level[i] + (amount * difference)), 0, 255);
        }

        return output;
    }

    /// <summary>Averages <paramref name="length"/> pixels along a line at <paramref name="angle"/> radians, each pixel once.</summary>
    public static Pixels MotionBlur(Pixels input, int length, double angle)
    {
        var (middle, (sin, cos)) = (length / 2, Math.SinCos(angle));
        var line = Enumerable.Range(-middle, length).Select(i => ((int)Math.Round(i * cos), (int)Math.Round(i * sin))).Distinct().ToArray();
        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        MotionMean.Run(PixelSpan.From(input), output.Bytes, line);
        return output;
    }
}
