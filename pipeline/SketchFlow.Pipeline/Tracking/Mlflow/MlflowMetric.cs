namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>A measured value of a run.</summary>
/// <param name="Key">Name of the metric.</param>
/// <param name="Value">Measured value.</param>
/// <param name="Timestamp">Time in milliseconds since 1970, UTC.</param>
/// <param name="Step">Number of the epoch.</param>
public readonly record struct MlflowMetric(string Key, double Value, long Timestamp, long Step);
