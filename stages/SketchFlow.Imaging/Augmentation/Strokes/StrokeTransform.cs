using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>What thickening and thinning share.</summary>
public abstract record StrokeTransform : Transform
{
    /// <summary>Most pixels that a line gains or loses on each side; each image draws its own from 0 to this, parts of a pixel included.</summary>
    public double Reach { get; init; } = 1;

    /// <summary>Stops at the skeleton: a thin line is never rubbed out, a narrow gap never closed. Several times the cost of a plain kernel.</summary>
    public bool KeepSkeleton { get; init; } = true;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Reach, 0, 16, nameof(Reach));
    }

    /// <inheritdoc/>
    protected internal sealed override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var (pixels, keep) = (random.NextUniform(0, Reach), KeepSkeleton);
        if (pixels > 0)
        {
            ops.Add(new PixelOp.Custom(input => Run(input, pixels, keep)));
        }
    }

    private protected abstract Pixels Run(Pixels input, double pixels, bool keepSkeleton);
}
