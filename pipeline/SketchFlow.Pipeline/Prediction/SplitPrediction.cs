using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>What predicting one split came to.</summary>
/// <param name="Split">val or test.</param>
/// <param name="Path">The logits table.</param>
/// <param name="Rows">Rows in it: every row of the split.</param>
/// <param name="Accuracy">Top-1 where the targets are known.</param>
/// <param name="Rejected">Images that could not be used.</param>
public sealed record SplitPrediction(string Split, string Path, int Rows, double? Accuracy, ImmutableArray<Rejected> Rejected);
