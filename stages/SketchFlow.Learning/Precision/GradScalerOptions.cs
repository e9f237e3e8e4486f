namespace SketchFlow.Learning.Precision;

/// <summary>Settings of the loss scale; the defaults are PyTorch's.</summary>
public sealed record GradScalerOptions
{
    /// <summary>Initial scale.</summary>
    public double InitialScale { get; init; } = 65536;

    /// <summary>Factor of the scale after <see cref="GrowthInterval"/> steps without overflow.</summary>
    public double GrowthFactor { get; init; } = 2;

    /// <summary>Factor of the scale after an overflow.</summary>
    public double BackoffFactor { get; init; } = 0.5;

    /// <summary>Number of steps without overflow before the scale grows.</summary>
    public int GrowthInterval { get; init; } = 2000;
}
