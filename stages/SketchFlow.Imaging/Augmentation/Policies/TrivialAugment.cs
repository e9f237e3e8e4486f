using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>TrivialAugment Wide (Müller and Hutter 2021): one operation of random magnitude, without parameters to tune.</summary>
public sealed record TrivialAugment : Transform
{
    /// <summary>Creates the transform with a probability of 1.</summary>
    public TrivialAugment() => P = 1;

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var op = PolicyOperations.AugmentationSpace[random.NextInteger(0, PolicyOperations.AugmentationSpace.Length)];
        PolicyOperations.Add(op, PolicyOperations.Magnitude(op, random.NextInteger(0, 31) / 30.0, size, ref random, wide: true), size, ops);
    }
}
