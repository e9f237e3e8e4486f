using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    /// <summary>Scales the saturation and turns the hue (a share of the circle); one channel has neither.</summary>
    public static Pixels SaturationHue(Pixels input, double saturation, double hue)
    {
        // The way through hue and back moves some colours by a level: without a change it is not taken.
        if (input.Channels == 1 || (saturation == 1 && Math.Round(hue * 256) == 0))
        {
            return input.Clone();
        }

        return MatOperation.Run(input, (source, target) =>
        {
            // FULL: the hue's circle is 256 levels, so a shift wraps by itself.
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

    /// <summary>To a JPEG of that quality and back.</summary>
    public static Pixels JpegCompression(Pixels input, int quality)
    {
        var bytes = ImageEncoder.ToJpeg(input, quality);
        return MatOperation.Run(input, (_, target) =>
        {
            using var decoded = Cv2.ImDecode(bytes, target.Channels() == 1 ? ImreadModes.Grayscale : ImreadModes.Color);
            decoded.CopyTo(target);
        });
    }
}
