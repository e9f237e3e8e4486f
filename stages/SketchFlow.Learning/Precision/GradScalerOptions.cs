namespace SketchFlow.Learning.Precision;

/// <summary>How the loss scale moves; the defaults are PyTorch's.</summary>
public sealed record GradScalerOptions
{
    /// <summary>First scale.</summary>
    public double InitialScale { get; init; } = 65536;

    /// <summary>Factor after <see cref="GrowthInterval"/> steps without overflow.</summary>
    public double GrowthFactor { get; init; } = 2;

    /// <summary>Factor after an overflow.</summary>
    public double BackoffFactor { get; init; } = 0.5;

    /// <summary>Steps without overflow before the scale grows.</summary>
    public int GrowthInterval { get; init; } = 2000;
}
