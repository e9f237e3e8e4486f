using SketchFlow.Pipeline.Runs.Logits;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Predicted classes of the test rows.</summary>
/// <param name="Tables">Test logits of all runs.</param>
/// <param name="Predictions">Class number of each row.</param>
public sealed record TestPrediction(RunLogits Tables, int[] Predictions);
