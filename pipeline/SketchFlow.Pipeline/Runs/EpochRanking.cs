using SketchFlow.Pipeline.Recipes.Sections;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Orders epochs by their result on the validation images.</summary>
/// <param name="metric">The metric to compare by.</param>
public sealed class EpochRanking(ValidationMetric metric) : IComparer<EpochMetrics>
{
    /// <summary>Returns whether an epoch can be the best one: its validation loss is finite.</summary>
    public bool CanBeBest(EpochMetrics row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return double.IsFinite(row.Selected(metric).Loss);
    }

    /// <summary>Finds the best epoch; null if none has a finite validation loss.</summary>
    public EpochMetrics? FindBest(IEnumerable<EpochMetrics> rows) => Sort(rows).FirstOrDefault(CanBeBest);

    /// <summary>Computes a score that is higher for better epochs. An epoch whose loss is not finite gets the lowest score.</summary>
    public double Score(EpochMetrics row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var (loss, accuracy) = row.Selected(metric);
        return !double.IsFinite(loss) ? double.MinValue : metric == ValidationMetric.Accuracy ? accuracy : -loss;
    }

    /// <summary>Compares two epochs; the better one is greater. At equal scores the lower loss is better.</summary>
    public int Compare(EpochMetrics? x, EpochMetrics? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var (first, second) = (Score(x), Score(y));
        return first != second ? first.CompareTo(second) : y.Selected(metric).Loss.CompareTo(x.Selected(metric).Loss);
    }

    /// <summary>Sorts epochs from best to worst; at equal scores the lower loss precedes, then the earlier epoch.</summary>
    public IEnumerable<EpochMetrics> Sort(IEnumerable<EpochMetrics> rows) =>
        rows.OrderByDescending(Score).ThenBy(r => r.Selected(metric).Loss).ThenBy(r => r.Epoch);
}
