using System.Collections.Immutable;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Scoring.Ensembling.Fitting;

/// <summary>What cross-validated stacking came to.</summary>
/// <param name="Model">Fitted on all rows with the chosen strength.</param>
/// <param name="Strengths">Log-loss of each strength on the folds that it did not see.</param>
/// <param name="OutOfFold">The vote of the chosen strength, each row by a fit that did not see it.</param>
public sealed record StackingReport(StackedModel Model, ImmutableArray<(double Strength, double LogLoss)> Strengths, EnsemblePrediction OutOfFold);
