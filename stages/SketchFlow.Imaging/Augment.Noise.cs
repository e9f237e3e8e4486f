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
    /// <summary>Adds noise of standard deviation <paramref name="sigma"/> (levels), the same to all channels of a pixel.</summary>
    public static Pixels GaussianNoise(Pixels input, double sigma, Chance chance)
    {
        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        Grain.Add(input.Bytes, output.Bytes, input.Channels, sigma, chance);
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
}
