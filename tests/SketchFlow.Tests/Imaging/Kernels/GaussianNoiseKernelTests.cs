using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Imaging.Kernels;

/// <summary>Gaussian noise: its random stream and its distribution.</summary>
public sealed class GaussianNoiseKernelTests
{
    [Property(MaxTest = 100)]
    public Property Every_pixel_gets_the_next_value_of_the_stream() => Prop.ForAll(TestImages.Any(), Gen.Choose(0, 2550).ToArbitrary(), (image, tenths) =>
    {
        var sigma = tenths / 10.0;
        using var input = image.ToPixels();
        using var noisy = ImageCorruptions.GaussianNoise(input, sigma, KeyedRandom.For(5, 0, tenths, "grain"));
        var random = KeyedRandom.For(5, 0, tenths, "grain");
        using var quantiles = TorchSharp.torch.special.ndtri(
            TorchSharp.torch.arange(Keep(0.5), Keep(4096.5), Keep(1), TorchSharp.torch.float64).div(Keep(4096)));
        var (normal, bits) = (quantiles.data<double>().ToArray(), 0UL);
        for (var pixel = 0; pixel < image.Width * image.Height; pixel++, bits >>= 12)
        {
            bits = pixel % 5 == 0 ? random.NextBits() : bits;
            var step = (int)Math.Round(normal[bits & 4095] * sigma);
            for (var i = pixel * image.Channels; i < (pixel + 1) * image.Channels; i++)
            {
                // The table's approximation of the quantile may fall on the other side of a half.
                Assert.InRange(noisy.Bytes[i], (byte)Math.Clamp(image.Bytes[i] + step - 1, 0, 255), (byte)Math.Clamp(image.Bytes[i] + step + 1, 0, 255));
            }
        }
    });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_noise_has_the_requested_standard_deviation(int channels)
    {
        var image = new RawImage(300, 217, channels, [.. Enumerable.Repeat((byte)128, 300 * 217 * channels)]);
        using var input = image.ToPixels();
        using var noisy = ImageCorruptions.GaussianNoise(input, 12, KeyedRandom.For(1, 0, 0, "grain"));
        var steps = noisy.Bytes.ToArray().Select(b => b - 128.0).ToArray();
        Assert.Equal(0, steps.Average(), 0.2);
        Assert.Equal(12, Math.Sqrt(steps.Average(s => s * s)), 0.2);
        Assert.Equal(0.6827, steps.Count(s => Math.Abs(s) <= 12) / (double)steps.Length, 0.03);

        // Neighbouring pixels are independent.
        Assert.Equal(0, steps.Zip(steps.Skip(channels), (a, b) => a * b).Average() / 144, 0.02);
    }
}
