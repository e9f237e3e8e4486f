using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Tone;

/// <summary>Contrast-limited adaptive histogram equalisation (CLAHE, Zuiderveld 1994): compensates uneven brightness of the paper.</summary>
public sealed record Clahe : Transform
{
    /// <summary>Largest clip limit; each image draws from 1 to this.</summary>
    public double ClipLimit { get; init; } = 4;

    /// <summary>Number of tiles along each side.</summary>
    public int Tiles { get; init; } = 8;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(ClipLimit, 1, 1000, nameof(ClipLimit));
        CheckRange(Tiles, 1, 64, nameof(Tiles));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var (clip, tiles) = (random.NextUniform(1, ClipLimit), Tiles);
        ops.Add(new PixelOp.Custom(input => HistogramEqualization.Clahe(input, clip, tiles, tiles)));
    }
}
