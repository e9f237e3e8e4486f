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
    public EarlyStoppingState State => new(_mark, _waited, Best?.Epoch ?? 0, _highest);

    /// <summary>Restores the state from a resume file.</summary>
    /// <param name="state">The value of <see cref="State"/> at that time.</param>
    /// <param name="rows">The epochs so far.</param>
    public void Restore(EarlyStoppingState state, IEnumerable<EpochMetrics> rows)
    {
        ArgumentNullException.ThrowIfNull(state);
        (_mark, _waited, _highest) = (state.Mark, state.Waited, state.Highest);
        Best = rows.FirstOrDefault(r => r.Epoch == state.Best);
    }

    /// <summary>Adds an epoch.</summary>
    /// <returns>Whether it is the best so far.</returns>
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

        var better = Best is null || _ranking.Compare(row, Best) > 0;
        Best = better ? row : Best;
        return better;
    }
}
