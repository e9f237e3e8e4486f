using System.Globalization;
using SketchFlow.Data.Files;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Table of all trials of a sweep, as CSV and Markdown.</summary>
/// <param name="plan">The sweep.</param>
/// <param name="trials">The trials.</param>
/// <param name="run">Returns the name of a trial's run.</param>
public sealed class SweepTable(SweepPlan plan, IReadOnlyList<Trial> trials, Func<Trial, string> run)
{
    /// <summary>Name of the metric, and of its column.</summary>
    public string Metric => plan.Metric;

    /// <summary>Column names: the searched settings are between the trial and its result.</summary>
    public IReadOnlyList<string> Columns =>
        ["trial", "run", .. plan.Searched.Select(p => p.Name), "state", plan.Metric, "best_epoch", "epochs", "seconds", "reason"];

    /// <summary>Returns the table as CSV, in the order of the trials.</summary>
    public string Csv() => CsvFile.Text(csv =>
    {
        csv.WriteRow(Columns);
        foreach (var trial in trials)
        {
            csv.WriteRow(Cells(trial, "R"));
        }
    });

    /// <summary>Returns the table as Markdown, with the best trial first and in bold.</summary>
    public string Markdown()
    {
        var best = SweepJob.Best(plan, trials);
        return MarkdownTable.Write(Columns, Ranked.Select(trial =>
        {
            var cells = Cells(trial, "0.#####");
            return trial == best ? cells.Select(c => c.Length == 0 ? c : $"**{c}**") : cells;
        }));
    }

    /// <summary>All trials, the best first and those without a result or failed last.</summary>
    public IEnumerable<Trial> Ranked => trials
        .OrderBy(t => t.State != TrialState.Failed && t.Best is { } b && double.IsFinite(b) ? (plan.Maximize ? -b : b) : double.PositiveInfinity)
        .ThenBy(t => t.Number);

    /// <summary>Returns the cells of a trial, one per column.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="format">Number format of the metric.</param>
    public IReadOnlyList<string> Cells(Trial trial, string format)
    {
        var settings = plan.SettingsAt(trial.Units).Where(s => !s.Parameter.Distribution.IsConstant).Select(s => SweepPlan.Format(s.Value));
        return
        [
            trial.Number.ToString(CultureInfo.InvariantCulture),
            run(trial),
            .. settings,
            trial.State.ToString().ToLowerInvariant(),
            trial.Best?.ToString(format, CultureInfo.InvariantCulture) ?? "",
            trial.Best is null ? "" : trial.BestEpoch.ToString(CultureInfo.InvariantCulture),
            trial.History.Length.ToString(CultureInfo.InvariantCulture),
            trial.Seconds.ToString("0.0", CultureInfo.InvariantCulture),
            trial.Reason ?? "",
        ];
    }
}
