using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Noise;

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
    protected internal override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts)
    {
        var (sigma, pixels) = (chance.NextUniform(MinSigma, MaxSigma), chance.Fork(1));
        acts.Add(new PixelOp.Custom(input => Augment.GaussianNoise(input, sigma, pixels)));
    }
}
