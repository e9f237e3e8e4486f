namespace SketchFlow.Scoring.Metrics;

/// <summary>Settings of the bootstrap.</summary>
public sealed record BootstrapOptions
{
    /// <summary>Resamples; the cost grows with them.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>Share of resamples inside the interval.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>Seed of the resampling.</summary>
    public long Seed { get; init; }
}
