using SketchFlow.Data.Messages;

namespace SketchFlow.Scoring.Metrics;

/// <summary>All metrics of one set of predictions.</summary>
public sealed record ClassificationReport
{
    /// <summary>Number of rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Share of rows whose prediction is their target.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Share of rows whose target is among the <see cref="K"/> most probable classes.</summary>
    public required double TopK { get; init; }

    /// <summary>k of <see cref="TopK"/>.</summary>
    public required int K { get; init; }

    /// <summary>Mean of -log p(target), in nats.</summary>
    public required double LogLoss { get; init; }

    /// <summary>Mean F1 of the classes that occur among targets or predictions (scikit-learn's macro average).</summary>
    public required double MacroF1 { get; init; }

    /// <summary>Expected calibration error over equal-width bins of confidence (Guo et al., ICML 2017).</summary>
    public required double Ece { get; init; }

    /// <summary>Mean over rows of the squared distance between probabilities and the one-hot target (Brier 1950): 0 to 2.</summary>
    public required double Brier { get; init; }

    /// <summary>One entry per class.</summary>
    public required ClassScore[] PerClass { get; init; }

    /// <summary>Number of rows by target (first index) and prediction (second).</summary>
    public required int[,] Confusion { get; init; }

    /// <summary>Bins of the reliability diagram.</summary>
    public required ReliabilityBin[] Reliability { get; init; }

    /// <summary>Class number of each row; the lowest number wins a tie.</summary>
    public required int[] Predictions { get; init; }

    /// <summary>Returns the classes that have rows, lowest recall first; at equal recall the class with more rows precedes.</summary>
    public IEnumerable<ClassScore> WeakestClasses() =>
        PerClass.Where(c => c.Recall is not null).OrderBy(c => c.Recall).ThenByDescending(c => c.Support).ThenBy(c => c.Class);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Rows} rows: accuracy {Percent.Text(Accuracy)}, top-{K} {Percent.Text(TopK)}, log-loss {LogLoss:0.0000}, "
        + $"macro F1 {Percent.Text(MacroF1)}, ECE {Percent.Text(Ece)}, Brier {Brier:0.0000}";
}
