using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>The options of the four morphological transforms.</summary>
public abstract record MorphologicalTransform : Transform
{
    /// <summary>Largest side of the kernel, pixels; each image draws from 2 to this.</summary>
    public int Kernel { get; init; } = 3;

    /// <summary>Shape of the kernel.</summary>
    public KernelShape Shape { get; init; } = KernelShape.Rectangle;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Kernel, 1, 99, nameof(Kernel));
    }

    /// <inheritdoc/>
    protected internal sealed override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var (side, shape) = (random.NextInteger(Math.Min(2, Kernel), Kernel + 1), Shape);
        ops.Add(new PixelOp.Custom(input => Run(input, side, shape)));
    }

    /// <summary>Runs the operation with a kernel of <paramref name="side"/> × <paramref name="side"/> pixels.</summary>
    private protected abstract Pixels Run(Pixels input, int side, KernelShape shape);
}
