using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Tells a trial's metric after each epoch, and ends the run where the answer says so.</summary>
/// <param name="metric">A column of <c>metrics.csv</c>.</param>
/// <param name="epoch">Takes the epoch, from 1, and the metric; answers why the run ends here, or null.</param>
public sealed class MetricObserver(string metric, Func<int, double, string?> epoch) : IRunObserver
{
    private RunFolder? _folder;

    /// <summary>The columns that <c>metrics.csv</c> has.</summary>
    public static IReadOnlyList<string> Columns()
    {
        var file = Path.GetTempFileName();
        try
        {
            EpochMetrics.Write(file, [new EpochMetrics()]);
            return MetricsFile.Read(file).Columns;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <inheritdoc/>
    public void Started(RunStart start)
    {
        _folder = start.Folder;
        Again(start.Folder, start.Rows);
    }

    /// <summary>Tells epochs that were done before this process.</summary>
    public void Again(RunFolder folder, IEnumerable<EpochMetrics> rows)
    {
        var metrics = MetricsFile.Read(folder.Metrics);
        foreach (var row in rows)
        {
            epoch(row.Epoch, Value(metrics, row.Epoch));
        }
    }

    /// <inheritdoc/>
    public string? Epoch(EpochMetrics row, bool best) => epoch(row.Epoch, Value(MetricsFile.Read(_folder!.Metrics), row.Epoch));

    private double Value(MetricsFile metrics, int number) => metrics.Columns.IndexOf(metric) is var at and >= 0
        ? metrics.Rows.Last(r => metrics.EpochOf(r) == number)[at]
        : throw new RefusalException($"metrics.csv has no {metric}; it has {string.Join(", ", metrics.Columns)}.");
}
