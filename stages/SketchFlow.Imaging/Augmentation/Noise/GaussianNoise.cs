using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Noise;

/// <summary>Adds Gaussian noise, the same value to all channels of a pixel, like the grain of paper.</summary>
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
        CheckRange(MaxSigma, 0, 255, nameof(MaxSigma));
        CheckRange(MinSigma, 0, MaxSigma, nameof(MinSigma));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var (sigma, pixels) = (random.NextUniform(MinSigma, MaxSigma), random.Fork(1));
        ops.Add(new PixelOp.Custom(input => ImageCorruptions.GaussianNoise(input, sigma, pixels)));
    }
}
