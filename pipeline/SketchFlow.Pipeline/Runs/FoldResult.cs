namespace SketchFlow.Pipeline.Runs;

/// <summary>The best epoch of one fold: a row of <c>folds.csv</c>.</summary>
/// <param name="Fold">Number of the fold, from 0.</param>
/// <param name="Epochs">Number of epochs done.</param>
/// <param name="Best">The best epoch.</param>
public sealed record FoldResult(int Fold, int Epochs, EpochMetrics Best);
