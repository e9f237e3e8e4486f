using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>Applies all of its transforms in order, each with its own probability, or none of them.</summary>
public sealed record Sometimes : CompositeTransform
{
    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) => SampleAll(ref random, size, ops);
}
