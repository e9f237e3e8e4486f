using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Dropout;

/// <summary>Covers one rectangle of random area and aspect ratio (Zhong et al. 2020).</summary>
public sealed record RandomErasing : Transform
{
    /// <summary>Smallest share of the area.</summary>
    public double MinArea { get; init; } = 0.02;

    /// <summary>Largest share of the area.</summary>
    public double MaxArea { get; init; } = 0.2;

    /// <summary>Largest aspect ratio (width / height); the smallest is its inverse.</summary>
    public double Ratio { get; init; } = 3.3;

    /// <summary>Level of the rectangle.</summary>
    public byte Fill { get; init; } = 255;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(MaxArea, 0, 1, nameof(MaxArea));
        CheckRange(MinArea, 0, MaxArea, nameof(MinArea));
        CheckRange(Ratio, 1, 20, nameof(Ratio));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var area = random.NextUniform(MinArea, MaxArea);
        var ratio = Math.Exp(random.NextUniform(-Math.Log(Ratio), Math.Log(Ratio)));
        var box = Box.Random(ref random, size, Math.Min(1, Math.Sqrt(area * ratio)), Math.Min(1, Math.Sqrt(area / ratio)));
        var fill = Fill;
        ops.Add(new PixelOp.Custom(input => Cutout.Fill(input, [box], fill)));
    }
}
