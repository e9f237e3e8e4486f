using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Prediction for the test rows.</summary>
/// <param name="Tables">Test logits of all runs.</param>
/// <param name="Prediction">Probabilities and class number of each row.</param>
public sealed record TestPrediction(RunLogits Tables, EnsemblePrediction Prediction)
{
    /// <summary>Class number of each row.</summary>
    public int[] Predictions => Prediction.Predictions;
}
