using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Histogram equalisation: global per channel, and contrast-limited adaptive (CLAHE) of the lightness.</summary>
public static class HistogramEqualization
{
    private static readonly Lazy<(byte[] ToLightness, byte[] ToGrey)> Lightness = new(LightnessTables);

    /// <summary>Equalises each channel with OpenCV's equalizeHist.</summary>
    public static Pixels Equalize(Pixels input) => MatOperation.Run(input, (source, target) =>
    {
        if (input.Channels == 1)
        {
            Cv2.EqualizeHist(source, target);
            return;
        }

        using var channel = new Mat();
        for (var c = 0; c < input.Channels; c++)
        {
            Cv2.ExtractChannel(source, channel, c);
            Cv2.EqualizeHist(channel, channel);
            Cv2.InsertChannel(channel, target, c);
        }
    });

    /// <summary>Applies CLAHE to the lightness L of CIELAB, for grey and colour images, as albumentations does for colour images.</summary>
    /// <param name="input">Not changed.</param>
    /// <param name="clipLimit">Largest slope of the equalisation; 0 or less does not clip.</param>
    /// <param name="tilesX">Number of tiles per row.</param>
    /// <param name="tilesY">Number of tiles per column.</param>
    /// <remarks>Grey images go through two tables instead of the colour conversion, which gives the same bytes.</remarks>
    public static Pixels Clahe(Pixels input, double clipLimit, int tilesX, int tilesY)
    {
        var clahe = ClaheKernel.ForThisThread;
        if (input.Channels == 1)
        {
            var output = LookupTables.Apply(input, Lightness.Value.ToLightness);
            clahe.Run(output.Bytes, new(output.Width, output.Height), clipLimit, (tilesX, tilesY));
            LookupTables.Apply(output.Bytes, output.Bytes, Lightness.Value.ToGrey);
            return output;
        }

        return MatOperation.Run(input, (source, target) =>
        {
            // Converting back from Lab separates the channels of some greys by one level; the tables keep a grey picture grey.
            using var lab = new Mat();
            if (Greyscale.IsGrey(input.Bytes))
            {
                Cv2.CvtColor(source, lab, ColorConversionCodes.BGR2GRAY);
                Cv2.LUT(lab, Lightness.Value.ToLightness, lab);
                EqualizeMat(lab);
                Cv2.LUT(lab, Lightness.Value.ToGrey, lab);
                Cv2.CvtColor(lab, target, ColorConversionCodes.GRAY2BGR);
                return;
            }

            Cv2.CvtColor(source, lab, ColorConversionCodes.BGR2Lab);
            using var light = new Mat();
            Cv2.ExtractChannel(lab, light, 0);
            EqualizeMat(light);
            Cv2.InsertChannel(light, lab, 0);
            Cv2.CvtColor(lab, target, ColorConversionCodes.Lab2BGR);
        });

        unsafe void EqualizeMat(Mat mat) =>
            clahe.Run(new Span<byte>((void*)mat.Data, mat.Rows * mat.Cols), new(mat.Cols, mat.Rows), clipLimit, (tilesX, tilesY));
    }

    // OpenCV's own 8-bit conversion of the 256 greys to L and back.
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
