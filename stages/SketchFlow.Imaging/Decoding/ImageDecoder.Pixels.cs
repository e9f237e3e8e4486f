using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding.Codecs;
using SketchFlow.Imaging.Decoding.Headers;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Decoding;

/// <summary>Converts OpenCV's decoded Mat to pixels: 8 bits, transparency on white, one channel for grey, upright.</summary>
public static partial class ImageDecoder
{
    private static Outcome<Pixels> ToPixels(Sample sample, ImageHeader header, Mat decoded, GreyscaleCacheKey? cacheKey)
    {
        if (decoded.Depth() is not (MatType.CV_8U or MatType.CV_16U) || decoded.Channels() is not (1 or 3 or 4))
        {
            return sample.Reject($"{Name(header)} with an unsupported pixel type, expected 8 or 16 bits grey or colour");
        }

        var pixels = decoded.Depth() == MatType.CV_16U ? From16Bits(sample, decoded) : FromBytes(sample, decoded, cacheKey);
        return Upright(pixels, header);
    }

    private static Outcome<Pixels> Upright(Outcome<Pixels> outcome, ImageHeader header)
    {
        if (header.Orientation == 1 || !outcome.IsValue)
        {
            return outcome;
        }

        using var pixels = outcome.Value;
        return ApplyOrientation(pixels, header.Orientation);
    }

    private static unsafe ReadOnlySpan<T> Values<T>(Mat mat)
        where T : unmanaged => new((void*)mat.Data, checked(mat.Rows * mat.Cols * mat.Channels()));

    private static Pixels FromBytes(Sample sample, Mat mat, GreyscaleCacheKey? cacheKey)
    {
        var bytes = Values<byte>(mat);
        switch (mat.Channels())
        {
            case 1:
                return Pixels.From(sample, mat.Cols, mat.Rows, 1, bytes);
            case 3:
                if (!Greyscale.IsGrey(bytes))
                {
                    return Pixels.From(sample, mat.Cols, mat.Rows, 3, bytes);
                }

                if (cacheKey is { } key)
                {
                    Remember(KeyOf(sample), key);
                }

                // The weights of OpenCV's conversion sum exactly to one, so equal channels keep their value.
                var grey = Pixels.Rent(sample, mat.Cols, mat.Rows, 1);
                using (var view = MatView.Over(grey))
                {
                    Cv2.CvtColor(mat, view.Mat, ColorConversionCodes.BGR2GRAY);
                }

                return grey;
            default:
                return OneChannelIfGrey(CompositeOnWhite(sample, mat, bytes));
        }
    }

    // 255 × 257 = 65535: dividing by 257 with rounding maps white to white; dropping the low byte would darken the image.
    private static Pixels From16Bits(Sample sample, Mat mat)
    {
        using var eight = new Mat();
        mat.ConvertTo(eight, MatType.MakeType(MatType.CV_8U, mat.Channels()), 1 / 257.0);
        return FromBytes(sample, eight, null);
    }

    private static Pixels CompositeOnWhite(Sample sample, Mat mat, ReadOnlySpan<byte> bgra)
    {
        var pixels = Pixels.Rent(sample, mat.Cols, mat.Rows, 3);
        var target = pixels.Bytes;
        for (int i = 0, j = 0; j < target.Length; i += 4, j += 3)
        {
            var alpha = bgra[i + 3];
            target[j] = WhitePaper.Under(bgra[i], alpha);
            target[j + 1] = WhitePaper.Under(bgra[i + 1], alpha);
            target[j + 2] = WhitePaper.Under(bgra[i + 2], alpha);
        }

        return pixels;
    }

    /// <summary>Returns the pixels, or one channel where all three are equal; the input is then disposed.</summary>
    private static Pixels OneChannelIfGrey(Pixels pixels)
    {
        if (pixels.Channels == 1 || !Greyscale.IsGrey(pixels.Bytes))
        {
            return pixels;
        }

        using (pixels)
        {
            var grey = Pixels.Rent(pixels.Sample, pixels.Width, pixels.Height, 1);
            var source = pixels.Bytes;
            var target = grey.Bytes;
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = source[i * 3];
            }

            return grey;
        }
    }

    private static Pixels ApplyOrientation(Pixels input, int orientation)
    {
        var (width, height) = orientation >= 5 ? (input.Height, input.Width) : (input.Width, input.Height);
        return MatOperation.Run(input, width, height, (source, target) =>
        {
            switch (orientation)
            {
                case 2:
                    Cv2.Flip(source, target, FlipMode.Y);
                    break;
                case 3:
                    Cv2.Rotate(source, target, RotateFlags.Rotate180);
                    break;
                case 4:
                    Cv2.Flip(source, target, FlipMode.X);
                    break;
                case 5:
                    Cv2.Transpose(source, target);
                    break;
                case 6:
                    Cv2.Rotate(source, target, RotateFlags.Rotate90Clockwise);
                    break;
                case 7:
                    using (var turned = new Mat())
                    {
                        Cv2.Rotate(source, turned, RotateFlags.Rotate180);
                        Cv2.Transpose(turned, target);
                    }

                    break;
                default:
                    Cv2.Rotate(source, target, RotateFlags.Rotate90Counterclockwise);
                    break;
            }
        });
    }
}
