using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>255 × (level / 255)^gamma, gamma uniform in its logarithm.</summary>
public sealed record Gamma : Transform
{
    /// <summary>Largest gamma; the smallest is its inverse.</summary>
    public double Limit { get; init; } = 1.25;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Limit, 1, 10, nameof(Limit));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var gamma = Math.Exp(chance.NextUniform(-Math.Log(Limit), Math.Log(Limit)));
        acts.Add(new Act.Tone(Augment.Table(v => 255 * Math.Pow(v / 255.0, gamma))));
    }
}

/// <summary>255 - level: white lines on black.</summary>
public sealed record Invert : Transform
{
    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts) => acts.Add(new Act.Tone(Augment.Table(v => 255 - v)));
}

/// <summary>Keeps the highest bits of each level.</summary>
public sealed record Posterize : Transform
{
    /// <summary>Fewest bits kept; each image draws from this to 8.</summary>
    public int Bits { get; init; } = 4;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Bits, 1, 8, nameof(Bits));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts) =>
        acts.Add(new Act.Tone(Augment.PosterizeTable(chance.NextInteger(Bits, 9))));
}

/// <summary>Inverts the levels at or above a threshold.</summary>
public sealed record Solarize : Transform
{
    /// <summary>Lowest threshold; each image draws from this to 256, which changes nothing.</summary>
    public int Threshold { get; init; } = 128;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Threshold, 0, 256, nameof(Threshold));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts) =>
        acts.Add(new Act.Tone(Augment.SolarizeTable(chance.NextInteger(Threshold, 257))));
}

public static partial class Augment
{
    /// <summary>The highest <paramref name="bits"/> of each level (PIL's posterize).</summary>
    public static byte[] PosterizeTable(int bits) => Table(v => v & (0xFF << (8 - bits)));

    /// <summary>Levels at or above <paramref name="threshold"/> are inverted (PIL's solarize).</summary>
    public static byte[] SolarizeTable(double threshold) => Table(v => v < threshold ? v : 255 - v);
}
