using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    private static readonly Lazy<(byte[] ToLightness, byte[] ToGrey)> Lightness = new(LightnessTables);

    /// <summary>CLAHE of the lightness L of CIELAB, for grey and colour alike, as albumentations applies it to colour images.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="clipLimit">Largest slope of the equalisation; 0 or less does not clip.</param>
    /// <param name="tilesX">Tiles across.</param>
    /// <param name="tilesY">Tiles down.</param>
    /// <remarks>Grey goes through two tables instead of the colour conversion, with the bytes that it would give.</remarks>
    public static Pixels Clahe(Pixels input, double clipLimit, int tilesX, int tilesY)
    {
        var clahe = ClaheKernel.ForThisThread;
        if (input.Channels == 1)
        {
            var output = Map(input, Lightness.Value.ToLightness);
            clahe.Run(output.Bytes, output.Width, output.Height, clipLimit, tilesX, tilesY);
            Map(output.Bytes, output.Bytes, Lightness.Value.ToGrey);
            return output;
        }

        return MatOperation.Run(input, (source, target) =>
        {
            // The way back from Lab splits some greys by a level; a grey picture stays grey.
            using var lab = new Mat();
            if (Greyscale.IsGrey(input.Bytes))
            {
                Cv2.CvtColor(source, lab, ColorConversionCodes.BGR2GRAY);
                Cv2.LUT(lab, Lightness.Value.ToLightness, lab);
                Equalise(lab);
                Cv2.LUT(lab, Lightness.Value.ToGrey, lab);
                Cv2.CvtColor(lab, target, ColorConversionCodes.GRAY2BGR);
                return;
            }

            Cv2.CvtColor(source, lab, ColorConversionCodes.BGR2Lab);
            using var light = new Mat();
            Cv2.ExtractChannel(lab, light, 0);
            Equalise(light);
            Cv2.InsertChannel(light, lab, 0);
            Cv2.CvtColor(lab, target, ColorConversionCodes.Lab2BGR);
        });

        unsafe void Equalise(Mat mat) => clahe.Run(new Span<byte>((void*)mat.Data, mat.Rows * mat.Cols), mat.Cols, mat.Rows, clipLimit, tilesX, tilesY);
    }

    // OpenCV's own 8-bit conversion of the 256 greys, there and back.
    private static (byte[] ToLightness, byte[] ToGrey) LightnessTables()
    {
        MatView.Initialize();
        using var ramp = new Mat(1, 256, MatType.CV_8UC3);
        for (var i = 0; i < 256; i++)
        {
            ramp.Set(0, i, new Vec3b((byte)i, (byte)i, (byte)i));
        }

        using var lab = new Mat();
        Cv2.CvtColor(ramp, lab, ColorConversionCodes.BGR2Lab);
        using var back = new Mat();
        var (toLightness, toGrey) = (new byte[256], new byte[256]);
        for (var i = 0; i < 256; i++)
        {
            toLightness[i] = lab.At<Vec3b>(0, i).Item0;
            ramp.Set(0, i, new Vec3b((byte)i, 128, 128));
        }

        Cv2.CvtColor(ramp, back, ColorConversionCodes.Lab2BGR);
        for (var i = 0; i < 256; i++)
        {
            toGrey[i] = back.At<Vec3b>(0, i).Item0;
        }

        return (toLightness, toGrey);
    }
}
