using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation.Tone;

/// <summary>Applies 255 × (level / 255)^gamma with log-uniform gamma.</summary>
public sealed record Gamma : Transform
{
    /// <summary>Largest gamma; the smallest is its inverse.</summary>
    public double Limit { get; init; } = 1.25;

    /// <inheritdoc/>
    public override void Check()
    {
        base.Check();
        CheckRange(Limit, 1, 10, nameof(Limit));
    }

    /// <inheritdoc/>
    protected internal override void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops)
    {
        var gamma = Math.Exp(random.NextUniform(-Math.Log(Limit), Math.Log(Limit)));
        ops.Add(new PixelOp.LevelMap(LookupTables.FromFormula(v => 255 * Math.Pow(v / 255.0, gamma))));
    }
}
