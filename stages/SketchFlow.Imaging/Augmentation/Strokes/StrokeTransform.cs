using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>The options of thickening and thinning.</summary>
public abstract record StrokeTransform : Transform
{
    /// <summary>Largest change on each side of a line, pixels; each image draws a number from 0 to this, fractions included.</summary>
    public double Reach { get; init; } = 1;

    /// <summary>Stops at the skeleton, so that no thin line is erased and no narrow gap closed; several times the cost of a plain kernel.</summary>
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
