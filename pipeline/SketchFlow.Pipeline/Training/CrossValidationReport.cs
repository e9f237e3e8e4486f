using System.Collections.Immutable;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Training;

/// <summary>The result of a cross-validation.</summary>
/// <param name="Folds">One training report per fold.</param>
/// <param name="OutOfFold">The result over all training images, each predicted by the model that was not trained on it; null while folds are missing.</param>
public sealed record CrossValidationReport(ImmutableArray<(int Fold, TrainReport Report)> Folds, ClassificationReport? OutOfFold);
