using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Selection;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>A combination with the rows that it was fitted on, calibrated once for everything that follows.</summary>
/// <param name="Combination">Temperatures, members and weights.</param>
/// <param name="Calibrated">All models on the fitted rows, divided by the temperatures.</param>
/// <param name="Scores">Scores of all subsets after an exhaustive search, else null.</param>
internal sealed record FittedEnsemble(Combination Combination, LogitsSet Calibrated, SubsetScores? Scores)
{
    /// <summary>Computes the prediction for the fitted rows.</summary>
    public EnsemblePrediction Predict() => Combination.ApplyCalibrated(Calibrated.WithMembers(Combination.Members));
}
