using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training;

/// <summary>Finds the best epoch and decides when training stops early.</summary>
/// <param name="options">The metric, the patience, the smallest improvement that counts, and the required accuracy.</param>
public sealed class EarlyStopping(StoppingOptions options)
{
    private readonly EpochRanking _ranking = new(options.Metric);
    private double _mark = double.NegativeInfinity;
    private int _waited;
    private double _highest = double.NegativeInfinity;

    /// <summary>The best epoch so far.</summary>
    public EpochMetrics? Best { get; private set; }

    /// <summary>Whether the number of epochs without improvement has reached the patience.</summary>
    public bool IsPatienceExhausted => options.Patience > 0 && _waited >= options.Patience;

    /// <summary>Whether the required accuracy has not been reached in the number of epochs that the options allow for it.</summary>
    /// <param name="epochs">Number of epochs done.</param>
    public bool IsBelowFloor(int epochs) => options.Floor > 0 && epochs >= options.FloorEpochs && _highest < options.Floor;

    /// <summary>The state to keep in a resume file.</summary>
    public EarlyStoppingState State => new(_mark, _waited, Best?.Epoch ?? 0, _highest, options.Metric);

    /// <summary>
    /// Restores the state from a resume file. Patience starts again if the state belongs to another metric; the best epoch stays the one whose weights were
    /// saved, until another is better by the new metric.
    /// </summary>
    /// <param name="state">The value of <see cref="State"/> at that time.</param>
    /// <param name="rows">The epochs so far.</param>
    /// <returns>The other metric of the state; null if the metric is the same.</returns>
    public ValidationMetric? Restore(EarlyStoppingState state, IEnumerable<EpochMetrics> rows)
    {
        ArgumentNullException.ThrowIfNull(state);
        Best = rows.FirstOrDefault(r => r.Epoch == state.Best && _ranking.CanBeBest(r));
        var isOther = state.KnownMetric is { } metric && metric != options.Metric;
        (_mark, _waited, _highest) = isOther ? (double.NegativeInfinity, 0, state.Highest) : (state.Mark, state.Waited, state.Highest);
        return isOther ? state.KnownMetric : null;
    }

    /// <summary>Adds an epoch.</summary>
    /// <returns>Whether it is the best so far; never if its validation loss is not finite.</returns>
    public bool Add(EpochMetrics row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var score = _ranking.Score(row);
        _highest = Math.Max(_highest, row.Selected(ValidationMetric.Accuracy).Accuracy);
        // Any improvement makes a better checkpoint; only an improvement above delta resets the patience.
        if (score > _mark + options.Delta || double.IsNegativeInfinity(_mark))
        {
            (_mark, _waited) = (score, 0);
        }
        else
        {
            _waited++;
        }

        var better = _ranking.CanBeBest(row) && (Best is null || _ranking.Compare(row, Best) > 0);
        Best = better ? row : Best;
        return better;
    }
}
