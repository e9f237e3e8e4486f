using System.Collections.Immutable;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Scoring.Ensembling.Fitting;

/// <summary>Result of cross-validated stacking.</summary>
/// <param name="Model">Model fitted on all rows with the chosen strength.</param>
/// <param name="Strengths">Held-out log-loss of each strength.</param>
/// <param name="OutOfFold">Held-out predictions with the chosen strength.</param>
public sealed record StackingReport(StackedModel Model, ImmutableArray<(double Strength, double LogLoss)> Strengths, EnsemblePrediction OutOfFold);
