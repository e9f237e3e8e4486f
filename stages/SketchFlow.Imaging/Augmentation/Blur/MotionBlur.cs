using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Blur;

/// <summary>Blurs along a line of random direction, like a moving hand or camera.</summary>
public sealed record MotionBlur : Transform
{
    /// <summary>Largest length of the line, pixels; each image draws an odd length from 3 to this.</summary>
    public int Kernel { get; init; } = 5;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Kernel, 3, 99, nameof(Kernel));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var side = (2 * random.NextInteger(1, ((Kernel - 1) / 2) + 1)) + 1;
        var angle = random.NextUniform(0, Math.PI);
        ops.Add(new PixelOp.Custom(input => BlurFilters.MotionBlur(input, side, angle)));
    }
}
