using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>One way of combining beside the others.</summary>
/// <param name="Name">In words.</param>
/// <param name="FittedScore">Score on the rows that it was fitted on.</param>
/// <param name="HeldOut">Score with its interval on rows that it did not see, by five folds, everything fitted anew in each; null where there are too few rows.</param>
/// <param name="LogLoss">Log-loss on rows that it did not see, or, where there are too few, that it did.</param>
public sealed record Candidate(string Name, double FittedScore, Interval? HeldOut, double LogLoss);
