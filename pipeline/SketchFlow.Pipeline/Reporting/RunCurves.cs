using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Listing;
using SketchFlow.Reports.Pages;

namespace SketchFlow.Pipeline.Reporting;

/// <summary>Reads the curves of runs from <c>metrics.csv</c> and <c>timing.csv</c>; shares become percent.</summary>
internal static class RunCurves
{
    /// <summary>Reads columns of a run, or those of each of its folds.</summary>
    /// <param name="run">The run.</param>
    /// <param name="columns">The columns; one that the run lacks is left out.</param>
    /// <returns>A line for each column and fold, named by the run or the fold, and by the column where there are several.</returns>
    public static IReadOnlyList<ChartLine> Of(RunRow run, IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(columns);
        var lines = new List<ChartLine>();
        var folds = run.Folder.Folds.Where(f => File.Exists(f.Metrics)).ToList();
        foreach (var part in folds.Count > 0 ? folds : [run.Folder])
        {
            var metrics = MetricsTable.ReadRun(part);
            foreach (var column in columns.Where(c => metrics.Columns.Contains(c)))
            {
                var scale = MetricText.IsShare(column) ? 100 : 1;
                var name = columns.Count == 1 ? part.Name : folds.Count > 0 ? $"{NameOf(column)}, {part.Name}" : NameOf(column);
                lines.Add(new ChartLine(name, [.. metrics.Rows.Zip(metrics.Column(column)!, (row, v) => ((double)metrics.EpochOf(row), scale * v))]));
            }
        }

        return lines;
    }

    private static string NameOf(string column) => column.Split('_')[0] switch
    {
        "train" => "training",
        "val" => "validation",
        "ema" => "validation, averaged weights",
        _ => column,
    };
}
