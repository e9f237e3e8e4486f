using OpenCvSharp;
using SketchFlow.Data.Files;
using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.OpenCv;

/// <summary>Encodes pixels as image files, for contact sheets and single operations.</summary>
public static class ImageEncoder
{
    /// <summary>Encodes a PNG; an image with three equal channels is stored as grey.</summary>
    public static byte[] ToPng(Pixels pixels)
    {
        using var view = MatView.Over(pixels);
        byte[] bytes;
        if (pixels.Channels == 3 && Greyscale.IsGrey(pixels.Bytes))
        {
            using var grey = new Mat();
            Cv2.CvtColor(view.Mat, grey, ColorConversionCodes.BGR2GRAY);
            Cv2.ImEncode(".png", grey, out bytes, new ImageEncodingParam(ImwriteFlags.PngCompression, 9));
        }
        else
        {
            Cv2.ImEncode(".png", view.Mat, out bytes);
        }

        return bytes;
    }

    /// <summary>Encodes a JPEG of the given quality, 1-100.</summary>
    public static byte[] ToJpeg(Pixels pixels, int quality = 95)
    {
        using var view = MatView.Over(pixels);
        Cv2.ImEncode(".jpg", view.Mat, out var bytes, new ImageEncodingParam(ImwriteFlags.JpegQuality, quality));
        return bytes;
    }

    /// <summary>Writes a PNG or, where the name ends in .jpg or .jpeg, a JPEG; the file is written atomically.</summary>
    public static void Write(Pixels pixels, string path)
    {
        var isJpeg = path.EndsWith(".jpg", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".jpeg", StringComparison.OrdinalIgnoreCase);
        var bytes = isJpeg ? ToJpeg(pixels) : ToPng(pixels);
        WholeFile.Write(path, stream => stream.Write(bytes));
    }
}
