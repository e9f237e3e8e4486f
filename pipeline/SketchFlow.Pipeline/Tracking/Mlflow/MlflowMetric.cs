namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>One number of a run.</summary>
/// <param name="Key">The metric's name.</param>
/// <param name="Value">Its value.</param>
/// <param name="Timestamp">Milliseconds since 1970, UTC.</param>
/// <param name="Step">The epoch.</param>
public readonly record struct MlflowMetric(string Key, double Value, long Timestamp, long Step);
