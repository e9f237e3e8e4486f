using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>Applies all of its transforms in order, or none; each with its own probability.</summary>
public sealed record Sometimes : Choice
{
    /// <inheritdoc/>
    protected internal override void Draw(ref Chance chance, Extent size, List<Act> acts) => DrawAll(ref chance, size, acts);
}
