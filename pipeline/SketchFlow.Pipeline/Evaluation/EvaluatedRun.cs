using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Evaluation;

/// <summary>What one run or ensemble says of the rows of a split.</summary>
/// <param name="Name">The run's or ensemble's name.</param>
/// <param name="DataSet">The data set.</param>
/// <param name="Set">The rows, with the members behind the vote.</param>
/// <param name="Prediction">Calibrated as the ensemble is; a run as it was trained.</param>
public sealed record EvaluatedRun(string Name, string DataSet, LogitsSet Set, EnsemblePrediction Prediction)
{
    /// <summary>The measurements.</summary>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public ClassificationReport Evaluate() => ClassificationMetrics.Evaluate(Prediction, Set.RequireTargets());
}
