using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline;

/// <summary>Which epoch is best, and when waiting for a better one ends.</summary>
/// <param name="options">The metric, the patience and what counts as an improvement.</param>
public sealed class Patience(StoppingOptions options)
{
    private double _mark = double.NegativeInfinity;
    private int _waited;

    /// <summary>The best epoch so far.</summary>
    public EpochMetrics? Best { get; private set; }

    /// <summary>True when patience has run out.</summary>
    public bool IsOver => options.Patience > 0 && _waited >= options.Patience;

    /// <summary>Takes an epoch; returns whether it is the best so far.</summary>
    public bool Take(EpochMetrics row)
    {
        var score = Score(row);
        // Any gain makes a better checkpoint; only a gain above delta renews the patience.
        if (score > _mark + options.Delta || double.IsNegativeInfinity(_mark))
        {
            (_mark, _waited) = (score, 0);
        }
        else
        {
            _waited++;
        }

        var better = Best is null || score > Score(Best) || (score == Score(Best) && row.ValidationLoss < Best.ValidationLoss);
        Best = better ? row : Best;
        return better;
    }

    // A loss that is not a number is worse than any other.
    private double Score(EpochMetrics row) => options.Metric == ValidationMetric.Accuracy
        ? row.ValidationAccuracy
        : double.IsNaN(row.ValidationLoss) ? double.MinValue : -row.ValidationLoss;
}
