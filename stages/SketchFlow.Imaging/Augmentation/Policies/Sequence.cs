using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>Applies all of its transforms in order, each with its own probability: a list that stands as one, within a choice too.</summary>
public sealed record Sequence : Choice
{
    /// <summary>Applied always, unless told otherwise.</summary>
    public Sequence() => P = 1;

    /// <inheritdoc/>
    protected internal override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts) => DrawAll(ref chance, size, acts);
}
