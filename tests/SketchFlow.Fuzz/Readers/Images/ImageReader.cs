using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Imaging.Decoding;

namespace SketchFlow.Fuzz.Readers.Images;

/// <summary>The decoder of image files, with inputs of one format.</summary>
/// <param name="name">Name of the reader.</param>
/// <param name="format">The structure of the files.</param>
public abstract class ImageReader(string name, InputFormat format) : Reader(name, format)
{
    // Decoding may use memory by the announced size, so that the limit is below the one of the regime: 8 million pixels are 24 MB.
    private static readonly DecodeOptions _exact = new() { MaxPixels = 8_000_000, RememberGrey = false };
    private static readonly DecodeOptions _reduced = _exact with { ReducedDecoding = true, TargetSide = 8 };
    private static readonly Sample _sample = new(0, "x", "x", 0);

    /// <inheritdoc/>
    public sealed override string? Read(byte[] input, string folder)
    {
        string? refusal = null;
        foreach (var options in (DecodeOptions[])[_exact, _reduced])
        {
            var outcome = ImageDecoder.Read(options, _sample, input);
            if (outcome.IsValue)
            {
                using var pixels = outcome.Value;
                if (pixels.Width < 1 || pixels.Height < 1 || pixels.Bytes.Length != pixels.Width * pixels.Height * pixels.Channels)
                {
                    throw new InvalidOperationException($"{pixels.Width}x{pixels.Height} pixels of {pixels.Channels} channels in {pixels.Bytes.Length} bytes");
                }
            }
            else
            {
                refusal = outcome.Rejection!.Reason;
            }
        }

        return refusal;
    }

    /// <summary>Encodes a small picture with OpenCV.</summary>
    /// <param name="extension">Ending of a file of the format, such as <c>.jpg</c>.</param>
    /// <param name="channels">1, 3 or 4.</param>
    /// <param name="parameters">Parameters of the encoder.</param>
    protected static byte[] Encode(string extension, int channels, params ImageEncodingParam[] parameters) =>
        Encode(extension, channels switch { 1 => MatType.CV_8UC1, 3 => MatType.CV_8UC3, _ => MatType.CV_8UC4 }, parameters);

    /// <summary>Encodes a small picture with OpenCV.</summary>
    protected static byte[] Encode(string extension, MatType type, params ImageEncodingParam[] parameters)
    {
        using var picture = new Mat(13, 17, type, Scalar.All(type.Depth == MatType.CV_16U ? 65535 : 255));
        Cv2.Line(picture, new Point(2, 3), new Point(14, 9), new Scalar(0, 40, 200, 128), 2);
        Cv2.ImEncode(extension, picture, out var bytes, parameters);
        return bytes;
    }
}
