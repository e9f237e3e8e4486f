using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Blur;

/// <summary>Sharpens with a 3 × 3 kernel: extrapolates from the smoothed image (PIL's sharpness).</summary>
public sealed record Sharpen : Transform
{
    /// <summary>Largest weight of the difference from the smoothed image; each image draws from 0 to this.</summary>
    public double Amount { get; init; } = 1;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Amount, 0, 10, nameof(Amount));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var amount = random.NextUniform(0, Amount);
        ops.Add(new PixelOp.Custom(input => PillowOps.Sharpness(input, amount)));
    }
}
