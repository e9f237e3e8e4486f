namespace SketchFlow.Scoring.Metrics;

/// <summary>Settings of <see cref="ClassificationMetrics"/>.</summary>
public sealed record MetricsOptions
{
    /// <summary>k of the top-k accuracy; more than the number of classes counts as all of them.</summary>
    public int K { get; init; } = 5;

    /// <summary>Bins of the expected calibration error.</summary>
    public int Bins { get; init; } = 15;
}
