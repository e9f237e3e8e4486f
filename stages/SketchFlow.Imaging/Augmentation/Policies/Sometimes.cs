using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>Applies all of its transforms in order, or none; each with its own probability.</summary>
public sealed record Sometimes : Choice
{
    /// <inheritdoc/>
    protected internal override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts) => DrawAll(ref chance, size, acts);
}
