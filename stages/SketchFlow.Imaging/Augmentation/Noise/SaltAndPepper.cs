using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Noise;

/// <summary>Sets single pixels to white or black.</summary>
public sealed record SaltAndPepper : Transform
{
    /// <summary>Largest share of pixels that change; each image draws from 0 to this.</summary>
    public double Amount { get; init; } = 0.02;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Amount, 0, 1, nameof(Amount));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var (count, pixels) = ((int)(random.NextUniform(0, Amount) * size.Width * size.Height), random.Fork(1));
        ops.Add(new PixelOp.Custom(input => ImageCorruptions.SaltAndPepper(input, count, pixels)));
    }
}
