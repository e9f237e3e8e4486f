using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>Adds Gaussian noise of one value a pixel: all channels move together, as grain on paper does.</summary>
public sealed record GaussianNoise : Transform
{
    /// <summary>Smallest standard deviation, levels of 255 (albumentations' var_limit 10 is 3.2).</summary>
    public double MinSigma { get; init; } = 3;

    /// <summary>Largest standard deviation, levels of 255 (var_limit 50 is 7.1).</summary>
    public double MaxSigma { get; init; } = 7;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(MaxSigma, 0, 255, nameof(MaxSigma));
        Within(MinSigma, 0, MaxSigma, nameof(MinSigma));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var (sigma, pixels) = (chance.NextUniform(MinSigma, MaxSigma), chance.Fork(1));
        acts.Add(new Act.Paint(input => Augment.GaussianNoise(input, sigma, pixels)));
    }
}

/// <summary>Turns single pixels white or black.</summary>
public sealed record SaltAndPepper : Transform
{
    /// <summary>Largest share of pixels that change; each image draws from 0 to this.</summary>
    public double Amount { get; init; } = 0.02;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Amount, 0, 1, nameof(Amount));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var (count, pixels) = ((int)(chance.NextUniform(0, Amount) * size.Width * size.Height), chance.Fork(1));
        acts.Add(new Act.Paint(input => Augment.SaltAndPepper(input, count, pixels)));
    }
}

public static partial class Augment
{
    // The normal quantiles of 4,096 equal shares: a table look-up of 12 random bits in place of a logarithm and a cosine for each pixel.
    private static readonly Lazy<float[]> NormalQuantiles = new(() => [.. Enumerable.Range(0, 4096).Select(i => (float)NormalQuantile((i + 0.5) / 4096))]);

    /// <summary>Adds noise of standard deviation <paramref name="sigma"/> (levels), the same to all channels of a pixel.</summary>
    public static Pixels GaussianNoise(Pixels input, double sigma, Chance chance)
    {
        var quantiles = NormalQuantiles.Value;
        var steps = new short[quantiles.Length];
        for (var i = 0; i < steps.Length; i++)
        {
            steps[i] = (short)Math.Round(quantiles[i] * sigma);
        }

        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        var source = input.Bytes;
        var target = output.Bytes;
        var (channels, bits) = (input.Channels, 0UL);
        for (int i = 0, left = 0; i < source.Length; i += channels, left--, bits >>= 12)
        {
            if (left == 0)
            {
                (bits, left) = (chance.NextBits(), 5);
            }

            var step = steps[bits & 4095];
            for (var c = i; c < i + channels; c++)
            {
                target[c] = (byte)Math.Clamp(source[c] + step, 0, 255);
            }
        }

        return output;
    }

    /// <summary>Sets <paramref name="count"/> pixels, drawn with repetition, to white or black.</summary>
    public static Pixels SaltAndPepper(Pixels input, int count, Chance chance)
    {
        var output = input.Clone();
        for (var i = 0; i < count; i++)
        {
            var at = chance.NextInteger(0, input.Width * input.Height);
            output.Bytes.Slice(at * input.Channels, input.Channels).Fill(chance.Happens(0.5) ? (byte)255 : (byte)0);
        }

        return output;
    }

    // Bisection on the error function's series would do; Acklam's rational approximation (2003) is good to 1e-9.
    private static double NormalQuantile(double p)
    {
        if (p > 0.5)
        {
            return -NormalQuantile(1 - p);
        }

        if (p < 0.02425)
        {
            var q = Math.Sqrt(-2 * Math.Log(p));
            return (((((((((-7.784894002430293e-03 * q) - 3.223964580411365e-01) * q) - 2.400758277161838) * q) - 2.549732539343734) * q) + 4.374664141464968) * q + 2.938163982698783)
                / ((((((((7.784695709041462e-03 * q) + 3.224671290700398e-01) * q) + 2.445134137142996) * q) + 3.754408661907416) * q) + 1);
        }

        var d = p - 0.5;
        var r = d * d;
        return (((((((((((-3.969683028665376e+01 * r) + 2.209460984245205e+02) * r) - 2.759285104469687e+02) * r) + 1.383577518672690e+02) * r) - 3.066479806614716e+01) * r) + 2.506628277459239) * d)
            / ((((((((((-5.447609879822406e+01 * r) + 1.615858368580409e+02) * r) - 1.556989798598866e+02) * r) + 6.680131188771972e+01) * r) - 1.328068155288572e+01) * r) + 1);
    }
}
