using System.Globalization;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Evaluation;

/// <summary>Everything computed about one run or ensemble on a split; <see cref="EvaluationFiles"/> writes it.</summary>
public sealed record EvaluationResult
{
    /// <summary>The prediction that was measured.</summary>
    public required EvaluatedRun Evaluated { get; init; }

    /// <summary>Class number of each row.</summary>
    public required int[] Targets { get; init; }

    /// <summary>Metrics.</summary>
    public required ClassificationReport Report { get; init; }

    /// <summary>Bootstrap interval of the accuracy.</summary>
    public required Interval Accuracy { get; init; }

    /// <summary>Number of rows whose image was rejected.</summary>
    public required int Rejected { get; init; }

    /// <summary>Rows in ascending probability of their true class.</summary>
    public required int[] WorstRows { get; init; }

    /// <summary>The prediction that it was compared with, and McNemar's test; null if none.</summary>
    public (EvaluatedRun Other, McNemarResult Test)? Comparison { get; init; }

    /// <summary>Returns number and name of a class.</summary>
    public string ClassName(int number) => string.Create(CultureInfo.InvariantCulture, $"{number} {Evaluated.Set.ClassNames[number]}");

    /// <summary>Returns the probability that the prediction gives a class in a row.</summary>
    public double Probability(int row, int number) => Evaluated.Prediction.Row(row)[number];
}
