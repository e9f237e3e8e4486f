using System.Globalization;
using SketchFlow.Data.Files;
using SketchFlow.Pipeline.Cli.Terminal;
using Spectre.Console;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>All trials of a sweep in one table: CSV for programs, Markdown for notes, and for the terminal.</summary>
/// <param name="plan">The sweep.</param>
/// <param name="trials">Its trials.</param>
/// <param name="run">Name of a trial's run.</param>
public sealed class SweepTable(SweepPlan plan, IReadOnlyList<Trial> trials, Func<Trial, string> run)
{
    /// <summary>Names of the columns: the searched settings stand between the trial and its result.</summary>
    public IReadOnlyList<string> Columns => ["trial", "run", .. plan.Searched.Select(p => p.Name), "state", plan.Metric, "best_epoch", "epochs", "seconds", "reason"];

    /// <summary>In the order of the trials.</summary>
    public string Csv() => CsvFile.Text(csv =>
    {
        csv.WriteRow(Columns);
        foreach (var trial in trials)
        {
            csv.WriteRow(Cells(trial, "R"));
        }
    });

    /// <summary>The best first, and in bold.</summary>
    public string Markdown()
    {
        var best = SweepJob.Best(plan, trials);
        return MarkdownTable.Write(Columns, Ranked().Select(trial =>
        {
            var cells = Cells(trial, "0.#####");
            return trial == best ? cells.Select(c => c.Length == 0 ? c : $"**{c}**") : cells;
        }));
    }

    /// <summary>The best first, for the terminal.</summary>
    public Table ForTerminal()
    {
        var table = TerminalTable.New();
        string[] shown = [.. Columns.Where(c => c != "reason")];
        foreach (var column in shown)
        {
            table.Text(column);
        }

        var best = SweepJob.Best(plan, trials);
        foreach (var trial in Ranked())
        {
            table.AddRow([.. Cells(trial, "0.####").Take(shown.Length).Select(c => trial == best ? $"[green]{Markup.Escape(c)}[/]" : Markup.Escape(c))]);
        }

        return table;
    }

    private IEnumerable<Trial> Ranked() => trials.OrderBy(t => t.Best is { } b && double.IsFinite(b) ? (plan.Maximize ? -b : b) : double.PositiveInfinity).ThenBy(t => t.Number);

    private IEnumerable<string> Cells(Trial trial, string digits)
    {
        var settings = plan.At(trial.Units).Where(s => !s.Parameter.Distribution.IsConstant).Select(s => SweepPlan.Text(s.Value));
        return
        [
            trial.Number.ToString(CultureInfo.InvariantCulture),
            run(trial),
            .. settings,
            trial.State.ToString().ToLowerInvariant(),
            trial.Best?.ToString(digits, CultureInfo.InvariantCulture) ?? "",
            trial.Best is null ? "" : trial.BestEpoch.ToString(CultureInfo.InvariantCulture),
            trial.History.Length.ToString(CultureInfo.InvariantCulture),
            trial.Seconds.ToString("0.0", CultureInfo.InvariantCulture),
            trial.Reason ?? "",
        ];
    }
}
