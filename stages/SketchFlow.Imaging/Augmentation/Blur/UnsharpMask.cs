using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Blur;

/// <summary>Sharpens by unsharp masking: adds the difference from a Gaussian blur where it reaches a threshold.</summary>
public sealed record UnsharpMask : Transform
{
    /// <summary>Standard deviation of the blur, pixels.</summary>
    public double Sigma { get; init; } = 1;

    /// <summary>Largest weight of the difference; each image draws from 0 to this.</summary>
    public double Amount { get; init; } = 1;

    /// <summary>Smallest difference that is added, levels; keeps the grain of the paper unchanged.</summary>
    public int Threshold { get; init; }

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Sigma, 0.1, 50, nameof(Sigma));
        CheckRange(Amount, 0, 10, nameof(Amount));
        CheckRange(Threshold, 0, 255, nameof(Threshold));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var (sigma, amount, threshold) = (Sigma, random.NextUniform(0, Amount), Threshold);
        ops.Add(new PixelOp.Custom(input => BlurFilters.UnsharpMask(input, sigma, amount, threshold)));
    }
}
