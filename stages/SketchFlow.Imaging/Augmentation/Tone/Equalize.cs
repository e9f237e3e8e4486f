using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Tone;

/// <summary>Equalises the histogram of each channel (albumentations' Equalize, mode cv).</summary>
public sealed record Equalize : Transform
{
    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) =>
        ops.Add(new PixelOp.Custom(HistogramEqualization.Equalize));
}
