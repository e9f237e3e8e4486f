using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    /// <summary>level + <paramref name="amount"/> × (level - blurred), where the difference is at least <paramref name="threshold"/>.</summary>
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

    /// <summary>Averages <paramref name="side"/> pixels along a line at <paramref name="angle"/> radians, fewer where two of them fall on one.</summary>
    public static Pixels MotionBlur(Pixels input, int side, double angle)
    {
        var (middle, (sin, cos)) = (side / 2, Math.SinCos(angle));
        var line = Enumerable.Range(-middle, side).Select(i => ((int)Math.Round(i * cos), (int)Math.Round(i * sin))).Distinct().ToArray();
        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        MotionMean.Run(input.Bytes, input.Width, input.Height, input.Channels, output.Bytes, line);
        return output;
    }
}
