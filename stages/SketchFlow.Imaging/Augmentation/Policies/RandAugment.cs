using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>RandAugment (Cubuk et al. 2020) with torchvision's fourteen operations, drawn uniformly and applied with one magnitude.</summary>
/// <remarks>Geometric operations are bilinear affine maps, fused with their neighbours; the others have Pillow's arithmetic.</remarks>
public sealed record RandAugment : Transform
{
    /// <summary>Creates the transform with a probability of 1.</summary>
    public RandAugment() => P = 1;

    /// <summary>Number of operations per image.</summary>
    public int Operations { get; init; } = 2;

    /// <summary>Magnitude in bins, 0-30.</summary>
    public int Magnitude { get; init; } = 9;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Operations, 1, 14, nameof(Operations));
        CheckRange(Magnitude, 0, 30, nameof(Magnitude));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        for (var i = 0; i < Operations; i++)
        {
            var op = PolicyOperations.AugmentationSpace[random.NextInteger(0, PolicyOperations.AugmentationSpace.Length)];
            PolicyOperations.Add(op, PolicyOperations.Magnitude(op, Magnitude / 30.0, size, ref random), size, ops);
        }
    }
}
