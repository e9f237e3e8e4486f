using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Reports the metric of a trial after each epoch, and stops the run if the receiver asks for it.</summary>
/// <param name="metric">Name of a column of <c>metrics.csv</c>.</param>
/// <param name="onEpoch">Receives the epoch, from 1, and the metric; returns the reason to stop the run, or null.</param>
public sealed class MetricObserver(string metric, Func<int, double, string?> onEpoch) : IRunObserver
{
    /// <inheritdoc/>
    public void Started(RunStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        Report(start.Rows);
    }

    /// <summary>Reports epochs that were done before this process.</summary>
    public void Report(IEnumerable<EpochMetrics> rows)
    {
        foreach (var row in rows)
        {
            onEpoch(row.Epoch, Value(row));
        }
    }

    /// <inheritdoc/>
    public string? Epoch(EpochResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return onEpoch(result.Metrics.Epoch, Value(result.Metrics));
    }

    private double Value(EpochMetrics row) => EpochMetrics.Columns.IndexOf(metric) is var index and >= 0
        ? row.ToNumbers()[index]
        : throw new RefusalException(
            $"metrics.csv has no column {metric}{Spelling.DidYouMean(metric, EpochMetrics.Columns)}; it has {string.Join(", ", EpochMetrics.Columns)}.");
}
