using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Changes hue and saturation in HSV.</summary>
public static class HueSaturation
{
    /// <summary>Scales the saturation and rotates the hue (a share of the circle); grey images have neither and are copied.</summary>
    public static Pixels Adjust(Pixels input, double saturation, double hue)
    {
        // The conversion to HSV and back changes some colours by a level; it is skipped when nothing would change.
        if (input.Channels == 1 || (saturation == 1 && Math.Round(hue * 256) == 0))
        {
            return input.Clone();
        }

        return MatOperation.Run(input, (source, target) =>
        {
            // With BGR2HSV_FULL the circle of hues has 256 levels, so a shift wraps around in a byte.
            using var hsv = new Mat();
            Cv2.CvtColor(source, hsv, ColorConversionCodes.BGR2HSV_FULL);
            using var table = new Mat(1, 256, MatType.CV_8UC3);
            var shift = (int)Math.Round(hue * 256);
            for (var i = 0; i < 256; i++)
            {
                table.Set(0, i, new Vec3b((byte)(i + shift), (byte)Math.Clamp(Math.Round(i * saturation), 0, 255), (byte)i));
            }

            Cv2.LUT(hsv, table, hsv);
            Cv2.CvtColor(hsv, target, ColorConversionCodes.HSV2BGR_FULL);
        });
    }
}
