namespace SketchFlow.Scoring.Metrics;

/// <summary>One bin of the reliability diagram.</summary>
/// <param name="From">Confidence above which the bin starts.</param>
/// <param name="To">Confidence at which it ends.</param>
/// <param name="Rows">Rows whose confidence lies in it.</param>
/// <param name="Confidence">Their mean confidence; 0 without rows.</param>
/// <param name="Accuracy">Their accuracy; 0 without rows.</param>
public sealed record ReliabilityBin(double From, double To, int Rows, double Confidence, double Accuracy);
