using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>Applies all of its transforms in order, each with its own probability; makes a list one member of another composite.</summary>
public sealed record Sequence : CompositeTransform
{
    /// <summary>Creates the transform with a probability of 1.</summary>
    public Sequence() => P = 1;

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) => SampleAll(ref random, size, ops);
}
