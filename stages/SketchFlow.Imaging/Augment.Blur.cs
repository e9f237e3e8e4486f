using OpenCvSharp;
using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>Gaussian blur.</summary>
public sealed record GaussianBlur : Transform
{
    /// <summary>Smallest standard deviation, pixels.</summary>
    public double MinSigma { get; init; } = 0.3;

    /// <summary>Largest standard deviation, pixels.</summary>
    public double MaxSigma { get; init; } = 1.5;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(MaxSigma, 0.01, 50, nameof(MaxSigma));
        Within(MinSigma, 0.01, MaxSigma, nameof(MinSigma));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var sigma = chance.NextUniform(MinSigma, MaxSigma);
        acts.Add(new Act.Paint(input => Raster.Run(input, (source, target) => Cv2.GaussianBlur(source, target, default, sigma))));
    }
}

/// <summary>Blurs along a line of random direction, as a moving hand or camera does.</summary>
public sealed record MotionBlur : Transform
{
    /// <summary>Longest line, pixels; each image draws an odd length from 3 to this.</summary>
    public int Kernel { get; init; } = 5;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Kernel, 3, 99, nameof(Kernel));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var side = (2 * chance.NextInteger(1, ((Kernel - 1) / 2) + 1)) + 1;
        var angle = chance.NextUniform(0, Math.PI);
        acts.Add(new Act.Paint(input => Augment.MotionBlur(input, side, angle)));
    }
}

/// <summary>Sharpens by a 3 × 3 kernel: blends away from the smoothed picture (PIL's sharpness).</summary>
public sealed record Sharpen : Transform
{
    /// <summary>Largest weight of what the smoothing takes away; each image draws from 0 to this.</summary>
    public double Amount { get; init; } = 1;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Amount, 0, 10, nameof(Amount));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var amount = chance.NextUniform(0, Amount);
        acts.Add(new Act.Paint(input => Pillow.Sharpness(input, amount)));
    }
}

/// <summary>Sharpens by adding what a Gaussian blur takes away, where that is more than a threshold (unsharp masking).</summary>
public sealed record UnsharpMask : Transform
{
    /// <summary>Standard deviation of the blur, pixels.</summary>
    public double Sigma { get; init; } = 1;

    /// <summary>Largest weight of the difference; each image draws from 0 to this.</summary>
    public double Amount { get; init; } = 1;

    /// <summary>Smallest difference that is added, levels: the grain of the paper stays as it is.</summary>
    public int Threshold { get; init; }

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Sigma, 0.1, 50, nameof(Sigma));
        Within(Amount, 0, 10, nameof(Amount));
        Within(Threshold, 0, 255, nameof(Threshold));
    }

    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts)
    {
        var (sigma, amount, threshold) = (Sigma, chance.NextUniform(0, Amount), Threshold);
        acts.Add(new Act.Paint(input => Augment.UnsharpMask(input, sigma, amount, threshold)));
    }
}

public static partial class Augment
{
    /// <summary>level + <paramref name="amount"/> × (level - blurred), where the difference is at least <paramref name="threshold"/>.</summary>
    public static Pixels UnsharpMask(Pixels input, double sigma, double amount, int threshold)
    {
        var output = Raster.Run(input, (source, target) => Cv2.GaussianBlur(source, target, default, sigma));
        var sharp = output.Bytes;
        var level = input.Bytes;
        for (var i = 0; i < sharp.Length; i++)
        {
            var difference = level[i] - sharp[i];
            sharp[i] = Math.Abs(difference) < threshold ? level[i] : (byte)Math.Clamp(Math.Round(level[i] + (amount * difference)), 0, 255);
        }

        return output;
    }

    /// <summary>Averages <paramref name="side"/> pixels along a line at <paramref name="angle"/> radians, fewer where two of them fall on one.</summary>
    public static Pixels MotionBlur(Pixels input, int side, double angle)
    {
        var (middle, (sin, cos)) = (side / 2, Math.SinCos(angle));
        var line = Enumerable.Range(-middle, side).Select(i => ((int)Math.Round(i * cos), (int)Math.Round(i * sin))).Distinct().ToArray();
        var output = Pixels.Rent(input.Sample, input.Width, input.Height, input.Channels);
        LineMean.Run(input.Bytes, input.Width, input.Height, input.Channels, output.Bytes, line);
        return output;
    }
}
