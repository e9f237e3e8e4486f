using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Strokes;

/// <summary>What the four morphological transforms share.</summary>
public abstract record Morphology : Transform
{
    /// <summary>Largest side of the kernel, pixels; each image draws its own from 2 to this.</summary>
    public int Kernel { get; init; } = 3;

    /// <summary>Shape of the kernel.</summary>
    public KernelShape Shape { get; init; } = KernelShape.Rectangle;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        Within(Kernel, 1, 99, nameof(Kernel));
    }

    /// <inheritdoc/>
    protected internal sealed override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts)
    {
        var (side, shape) = (chance.NextInteger(Math.Min(2, Kernel), Kernel + 1), Shape);
        acts.Add(new PixelOp.Custom(input => Run(input, side, shape)));
    }

    /// <summary>The operation with a kernel of <paramref name="side"/> × <paramref name="side"/>.</summary>
    private protected abstract Pixels Run(Pixels input, int side, KernelShape shape);
}
