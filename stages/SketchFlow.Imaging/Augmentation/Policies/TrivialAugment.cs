using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>TrivialAugment Wide (Müller and Hutter 2021): one operation of random magnitude, nothing to tune.</summary>
public sealed record TrivialAugment : Transform
{
    /// <summary>Applied always, unless told otherwise.</summary>
    public TrivialAugment() => P = 1;

    /// <inheritdoc/>
    protected internal override void Draw(ref KeyedRandom chance, Extent size, List<PixelOp> acts)
    {
        var op = Policy.Space[chance.NextInteger(0, Policy.Space.Length)];
        Policy.Add(op, Policy.MagnitudeOf(op, chance.NextInteger(0, 31) / 30.0, size, ref chance, wide: true), size, acts);
    }
}
