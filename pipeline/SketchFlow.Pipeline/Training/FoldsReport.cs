using System.Collections.Immutable;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Training;

/// <summary>What a run with folds came to.</summary>
/// <param name="Folds">One report a fold.</param>
/// <param name="OutOfFold">All training images, each by the model that did not learn from it; null while folds are missing.</param>
public sealed record FoldsReport(ImmutableArray<(int Fold, TrainReport Report)> Folds, ClassificationReport? OutOfFold);
