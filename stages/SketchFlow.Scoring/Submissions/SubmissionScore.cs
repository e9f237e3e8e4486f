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
    /// <summary>Whether the submission has several labels in a cell, of which the first counts.</summary>
    public bool IsRanked { get; init; }

    /// <summary>Comparison with another submission: its accuracy and McNemar's test; null if there is none.</summary>
    public (double Accuracy, McNemarResult Test)? Against { get; init; }
}
