using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Jobs;

/// <summary>The measurements of one epoch, as observers receive them.</summary>
/// <param name="Metrics">The row of <c>metrics.csv</c>.</param>
/// <param name="Timing">The row of <c>timing.csv</c>.</param>
/// <param name="IsBest">Whether it is the best epoch so far.</param>
public sealed record EpochResult(EpochMetrics Metrics, EpochTiming Timing, bool IsBest)
{
    /// <summary>All measured numbers by the names of their columns, without the epoch.</summary>
    public IEnumerable<(string Name, double Value)> Values
    {
        get
        {
            var table = MetricsTable.From([Metrics], [Timing]);
            return table.Values(table.Rows[0]);
        }
    }
}
