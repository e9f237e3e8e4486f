using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training;

/// <summary>Which epoch is best, and when waiting for a better one, or for a good enough one, ends.</summary>
/// <param name="options">The metric, the patience, what counts as an improvement, and the floor.</param>
public sealed class EarlyStopping(StoppingOptions options)
{
    private double _mark = double.NegativeInfinity;
    private int _waited;
    private double _highest = double.NegativeInfinity;

    /// <summary>The best epoch so far.</summary>
    public EpochMetrics? Best { get; private set; }

    /// <summary>True when patience has run out.</summary>
    public bool IsOver => options.Patience > 0 && _waited >= options.Patience;

    /// <summary>True when so many epochs have passed without the accuracy that was wanted by then.</summary>
    /// <param name="epochs">Epochs done.</param>
    public bool IsBelowFloor(int epochs) => options.Floor > 0 && epochs >= options.FloorEpochs && _highest < options.Floor;

    /// <summary>What a checkpoint keeps.</summary>
    public EarlyStoppingState State => new(_mark, _waited, Best?.Epoch ?? 0, _highest);

    /// <summary>Puts back what a checkpoint kept.</summary>
    /// <param name="state">As <see cref="State"/> gave it.</param>
    /// <param name="rows">The epochs so far.</param>
    public void Restore(EarlyStoppingState state, IEnumerable<EpochMetrics> rows)
    {
        ArgumentNullException.ThrowIfNull(state);
        (_mark, _waited, _highest) = (state.Mark, state.Waited, state.Highest);
        Best = rows.FirstOrDefault(r => r.Epoch == state.Best);
    }

    /// <summary>Takes an epoch; returns whether it is the best so far.</summary>
    public bool Take(EpochMetrics row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var score = Score(row);
        _highest = Math.Max(_highest, row.Judged(ValidationMetric.Accuracy).Accuracy);
        // Any gain makes a better checkpoint; only a gain above delta renews the patience.
        if (score > _mark + options.Delta || double.IsNegativeInfinity(_mark))
        {
            (_mark, _waited) = (score, 0);
        }
        else
        {
            _waited++;
        }

        var better = Best is null || Compare(row, Best) > 0;
        Best = better ? row : Best;
        return better;
    }

    /// <summary>The best epochs, the best first; of equals the one with the lower loss, then the earlier.</summary>
    public IEnumerable<EpochMetrics> Ranked(IEnumerable<EpochMetrics> rows) =>
        rows.OrderByDescending(Score).ThenBy(r => r.Judged(options.Metric).Loss).ThenBy(r => r.Epoch);

    private int Compare(EpochMetrics one, EpochMetrics other)
    {
        var (a, b) = (Score(one), Score(other));
        return a != b ? a.CompareTo(b) : other.Judged(options.Metric).Loss.CompareTo(one.Judged(options.Metric).Loss);
    }

    // A loss that is not a number is worse than any other.
    private double Score(EpochMetrics row)
    {
        var (loss, accuracy) = row.Judged(options.Metric);
        return options.Metric == ValidationMetric.Accuracy ? accuracy : double.IsNaN(loss) ? double.MinValue : -loss;
    }
}
