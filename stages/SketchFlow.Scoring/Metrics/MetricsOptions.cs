namespace SketchFlow.Scoring.Metrics;

/// <summary>Settings of <see cref="ClassificationMetrics"/>.</summary>
public sealed record MetricsOptions
{
    /// <summary>k of the top-k accuracy; larger than the number of classes means all.</summary>
    public int K { get; init; } = 5;

    /// <summary>Number of bins of the expected calibration error.</summary>
    public int Bins { get; init; } = 15;
}
