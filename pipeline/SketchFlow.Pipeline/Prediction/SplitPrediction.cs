using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>The predictions over one split.</summary>
/// <param name="Table">The logits of every row of the split.</param>
/// <param name="Accuracy">Top-1 accuracy in [0, 1]; null if targets are unknown.</param>
/// <param name="Rejected">Images that could not be used.</param>
public sealed record SplitPrediction(LogitsTable Table, double? Accuracy, ImmutableArray<Rejected> Rejected)
{
    /// <summary>Top-1 accuracy in [0, 1] without test-time augmentation; null without augmentation or targets.</summary>
    public double? PlainAccuracy { get; init; }

    /// <summary>Name of the split: train, val or test.</summary>
    public string Split => Table.Metadata.Split;

    /// <summary>The file of the table.</summary>
    public string Path => Table.Source;

    /// <summary>Number of rows, including rejected images.</summary>
    public int Rows => Table.Rows;
}
