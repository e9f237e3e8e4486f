using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Tone;

/// <summary>Keeps the highest bits of each level.</summary>
public sealed record Posterize : Transform
{
    /// <summary>Smallest number of bits that are kept; each image draws from this to 8.</summary>
    public int Bits { get; init; } = 4;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Bits, 1, 8, nameof(Bits));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) =>
        ops.Add(new PixelOp.LevelMap(LookupTables.Posterize(random.NextInteger(Bits, 9))));
}
