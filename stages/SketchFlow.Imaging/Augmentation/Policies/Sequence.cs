using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>Applies all of its transforms in order, each with its own probability: a list that stands as one, within a choice too.</summary>
public sealed record Sequence : CompositeTransform
{
    /// <summary>Applied always, unless told otherwise.</summary>
    public Sequence() => P = 1;

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) => SampleAll(ref random, size, ops);
}
