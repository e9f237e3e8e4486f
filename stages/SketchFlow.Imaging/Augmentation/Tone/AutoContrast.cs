using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Tone;

/// <summary>Stretches each channel's levels to 0-255 (PIL's autocontrast).</summary>
public sealed record AutoContrast : Transform
{
    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops) =>
        ops.Add(new PixelOp.Custom(PillowOps.AutoContrast));
}
