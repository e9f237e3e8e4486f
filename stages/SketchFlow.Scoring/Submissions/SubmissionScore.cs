using System.Collections.Immutable;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Scoring.Submissions;

/// <summary>Score of a submission.</summary>
/// <param name="Rows">Number of images.</param>
/// <param name="Accuracy">Share of correct rows, with its bootstrap interval of 95 %.</param>
/// <param name="MacroF1">Mean F1 of the classes that occur among answers or predictions.</param>
/// <param name="Recalls">Classes of the answers, lowest recall first.</param>
public sealed record SubmissionScore(int Rows, Interval Accuracy, double MacroF1, ImmutableArray<ClassRecall> Recalls)
{
    /// <summary>
    /// Mean average precision of a submission with up to k labels in a cell, best first (MAP@k): with one true class, the mean of 1 / rank of that class,
    /// 0 where it is not among the labels, as Kaggle defines it; null where every cell has one label.
    /// </summary>
    public (int K, double Score)? MeanAveragePrecision { get; init; }

    /// <summary>Comparison with another submission: its accuracy and McNemar's test; null if there is none.</summary>
    public (double Accuracy, McNemarResult Test)? Against { get; init; }
}
