using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Noise;

/// <summary>Encodes as a JPEG of low quality and decodes it again: block and ringing artefacts.</summary>
public sealed record JpegCompression : Transform
{
    /// <summary>Smallest quality, 1-100.</summary>
    public int MinQuality { get; init; } = 40;

    /// <summary>Largest quality, 1-100.</summary>
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
        ops.Add(new PixelOp.Custom(input => ImageCorruptions.JpegCompression(input, quality)));
    }
}
