using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Kernels;

public static partial class Augment
{
    /// <summary>Adds noise of standard deviation <paramref name="sigma"/> (levels), the same to all channels of a pixel.</summary>
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
}
