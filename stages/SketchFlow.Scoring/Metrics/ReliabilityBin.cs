namespace SketchFlow.Scoring.Metrics;

/// <summary>One bin of the reliability diagram.</summary>
/// <param name="From">Confidence above which the bin starts.</param>
/// <param name="To">Confidence at which it ends.</param>
/// <param name="Rows">Number of rows whose confidence is in the bin.</param>
/// <param name="Confidence">Mean confidence of these rows; 0 without rows.</param>
/// <param name="Accuracy">Accuracy of these rows; 0 without rows.</param>
public sealed record ReliabilityBin(double From, double To, int Rows, double Confidence, double Accuracy);
