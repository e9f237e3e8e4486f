using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Tone;

/// <summary>Inverts the levels at or above a threshold.</summary>
public sealed record Solarize : Transform
{
    /// <summary>Smallest threshold; each image draws from this to 256, which changes nothing.</summary>
    public int Threshold { get; init; } = 128;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Threshold, 0, 256, nameof(Threshold));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) =>
        ops.Add(new PixelOp.LevelMap(LookupTables.Solarize(random.NextInteger(Threshold, 257))));
}
