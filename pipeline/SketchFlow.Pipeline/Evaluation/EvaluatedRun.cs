using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Evaluation;

/// <summary>Prediction of one run or ensemble for the rows of a split.</summary>
/// <param name="Name">Name of the run or ensemble.</param>
/// <param name="DataSet">Name of the data set.</param>
/// <param name="Set">The rows, with the members behind the prediction.</param>
/// <param name="Prediction">Probabilities and classes: calibrated for an ensemble, uncalibrated for a run.</param>
public sealed record EvaluatedRun(string Name, string DataSet, LogitsSet Set, EnsemblePrediction Prediction)
{
    /// <summary>Whether the probabilities are calibrated, as those of an ensemble are.</summary>
    public bool IsCalibrated { get; init; }

    /// <summary>Name of the split.</summary>
    public string Split => Set.Members[0].Metadata.Split;
}
