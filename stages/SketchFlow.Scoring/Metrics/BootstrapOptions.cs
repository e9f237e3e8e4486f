namespace SketchFlow.Scoring.Metrics;

/// <summary>Settings of the bootstrap.</summary>
public sealed record BootstrapOptions
{
    /// <summary>Number of resamples; the cost is proportional to it.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>Share of resamples within the interval.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>Random seed.</summary>
    public long Seed { get; init; }
}
