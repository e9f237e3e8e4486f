using OpenCvSharp;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Kernels;

/// <summary>Noise and compression artefacts.</summary>
public static class ImageCorruptions
{
    /// <summary>Adds Gaussian noise of standard deviation <paramref name="sigma"/> (levels), the same to all channels of a pixel.</summary>
    public static Pixels GaussianNoise(Pixels input, double sigma, KeyedRandom random)
    {
        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        GaussianNoiseKernel.Add(input.Bytes, output.Bytes, input.Channels, sigma, random);
        return output;
    }

    /// <summary>Sets <paramref name="count"/> pixels, drawn with repetition, to white or black.</summary>
    public static Pixels SaltAndPepper(Pixels input, int count, KeyedRandom random)
    {
        var output = input.Clone();
        for (var i = 0; i < count; i++)
        {
            var at = random.NextInteger(0, input.Width * input.Height);
            output.Bytes.Slice(at * input.Channels, input.Channels).Fill(random.Happens(0.5) ? (byte)255 : (byte)0);
        }

        return output;
    }

    /// <summary>Encodes as a JPEG of that quality and decodes it again.</summary>
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
