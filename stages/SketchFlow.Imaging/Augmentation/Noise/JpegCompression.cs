using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Noise;

/// <summary>Saves as a JPEG of low quality and reads it back: its blocks and ringing.</summary>
public sealed record JpegCompression : Transform
{
    /// <summary>Lowest quality, 1-100.</summary>
    public int MinQuality { get; init; } = 40;

    /// <summary>Highest quality, 1-100.</summary>
    public int MaxQuality { get; init; } = 90;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(MaxQuality, 1, 100, nameof(MaxQuality));
        CheckRange(MinQuality, 1, MaxQuality, nameof(MinQuality));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var quality = random.NextInteger(MinQuality, MaxQuality + 1);
        ops.Add(new PixelOp.Custom(input => Augment.JpegCompression(input, quality)));
    }
}
