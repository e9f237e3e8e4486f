using OpenCvSharp;

namespace SketchFlow.Tests.Pipeline.Serving;

/// <summary>Small images in memory.</summary>
internal static class ServedImages
{
    /// <summary>Returns a PNG of one grey value.</summary>
    public static byte[] Grey(byte value, int side = 16)
    {
        using var mat = new Mat(side, side, MatType.CV_8UC1, new Scalar(value));
        return mat.ToBytes(".png");
    }

    /// <summary>Returns a PNG of lines that differ with the seed.</summary>
    public static byte[] Sketch(int seed)
    {
        using var mat = new Mat(64, 64, MatType.CV_8UC1, new Scalar(255));
        var random = new Random(seed);
        for (var i = 0; i < 6; i++)
        {
            Cv2.Line(mat, new Point(random.Next(64), random.Next(64)), new Point(random.Next(64), random.Next(64)), new Scalar(0), 2);
        }

        return mat.ToBytes(".png");
    }
}
