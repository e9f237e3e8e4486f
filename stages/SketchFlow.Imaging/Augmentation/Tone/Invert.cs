using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Tone;

/// <summary>Inverts the levels (255 - level): white lines on black.</summary>
public sealed record Invert : Transform
{
    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) =>
        ops.Add(new PixelOp.LevelMap(LookupTables.Invert()));
}
