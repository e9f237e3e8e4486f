using SketchFlow.Data.Machine;

namespace SketchFlow.Imaging.Augmentation.Policies;

/// <summary>RandAugment (Cubuk et al. 2020) with torchvision's operations: a few of fourteen, all of one magnitude.</summary>
/// <remarks>Geometric operations are bilinear warps and fuse with their neighbours; the others have Pillow's arithmetic.</remarks>
public sealed record RandAugment : Transform
{
    /// <summary>Applied always, unless told otherwise.</summary>
    public RandAugment() => P = 1;

    /// <summary>Operations for each image.</summary>
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
