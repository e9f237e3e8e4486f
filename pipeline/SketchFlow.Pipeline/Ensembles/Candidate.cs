using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Score of one way of choosing and combining the models.</summary>
/// <param name="Name">Description of the combination.</param>
/// <param name="Options">Options that make this ensemble.</param>
/// <param name="FittedScore">Score on the rows that it was fitted on.</param>
/// <param name="HeldOut">Five-fold cross-validated score with its interval; null if there are too few rows.</param>
/// <param name="LogLoss">Log-loss on held-out rows, or on the fitted rows if there are too few.</param>
public sealed record Candidate(string Name, EnsembleOptions Options, double FittedScore, Interval? HeldOut, double LogLoss)
{
    /// <summary>Whether this is the ensemble that is written.</summary>
    public bool IsChosen { get; init; }
}
