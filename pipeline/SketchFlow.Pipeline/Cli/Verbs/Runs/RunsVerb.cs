using System.CommandLine;
using System.Globalization;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Listing;

namespace SketchFlow.Pipeline.Cli.Verbs.Runs;

/// <summary>The verb <c>runs</c>: lists all runs, shows one with its nearest relatives, or compares two.</summary>
[Verb(
    "runs",
    "List all runs (sorted, filtered), show one, or compare two.",
    Order = 50,
    Examples =
    [
        "sketchflow runs --sort -val_acc --limit 10",
        "sketchflow runs --filter \"val_acc>0.7\" --columns run,val_acc,lr,batch",
        "sketchflow runs resnet18-my-data-1",
    ])]
public sealed class RunsVerb : Verb
{
    private const int Relatives = 10;
    private const string PeakRateKey = "optimizer.learning_rate";
    private const string PeakRateHeader = "peak lr";

    private readonly Argument<string[]> _names = new("runs")
    {
        Description = "No name: list all runs. One: show it and its nearest relatives. Two: compare them.",
        Arity = new ArgumentArity(0, 2),
    };

    private readonly Option<string?> _sort = new("--sort") { Description = "Column to sort by; -COLUMN sorts the largest first. Default: newest first." };

    private readonly Option<string[]> _filter = new("--filter")
    {
        Description = "COLUMN OP VALUE with =, !=, <, <=, >, >= or ~ (contains); may be repeated, and all filters must match.",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _columns = new("--columns")
    {
        Description = $"Columns, separated by commas: {string.Join(", ", RunTable.Columns)}, columns of metrics.csv, keys of recipes.",
    };

    private readonly Option<int?> _limit = new("--limit") { Description = "Maximum number of rows." };

    private readonly Option<bool> _csv = new("--csv") { Description = "Print only the table, as CSV." };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_names, _sort, _filter, _columns, _limit, _csv, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var rows = RunTable.All(CommonOptions.ArtifactsOf(parsed), Warn);
        return parsed.GetValue(_names)! switch
        {
            [var name] => Show(parsed, rows, RunTable.Named(rows, name)),
            [var first, var second] => RunsDiffVerb.Compare(parsed, RunTable.Named(rows, first), RunTable.Named(rows, second)),
            _ => List(parsed, rows),
        };
    }

    private int List(ParseResult parsed, IReadOnlyList<RunRow> rows)
    {
        var named = parsed.GetValue(_columns)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(c => c == PeakRateHeader ? PeakRateKey : c).ToArray();
        foreach (var column in named ?? [])
        {
            RunTable.Require(rows, column);
        }

        rows = RunTable.Where(rows, parsed.GetValue(_filter)!);
        rows = parsed.GetValue(_sort) is { } by ? RunTable.Sorted(rows, by) : rows;
        rows = [.. rows.Take(parsed.GetValue(_limit) ?? int.MaxValue)];
        string[] shown = named ?? [.. RunTable.ColumnsFor(rows)];
        if (parsed.GetValue(_csv))
        {
            Console.Write(RunTable.Csv(rows, shown));
            return ExitCode.Done;
        }

        if (rows.Count == 0)
        {
            Log("No runs.");
        }
        else
        {
            PrintTable(rows, shown, named is not null);
        }

        CommonOptions.PrintJson(parsed, rows.Select(r => shown.ToDictionary(c => c, c => JsonValue(r, c))));
        return ExitCode.Done;
    }

    private static object? JsonValue(RunRow row, string column) => row.Metrics.TryGetValue(column, out var metric) ? metric
        : row.Number(column) is { } number && double.IsFinite(number) ? number : row.Cell(column);

    private static void PrintTable(IReadOnlyList<RunRow> rows, string[] columns, bool named)
    {
        var table = new TerminalTable { Remedy = "--columns NAMES" };
        foreach (var (column, i) in columns.Select((c, i) => (c, i)))
        {
            // The learning_rate of metrics.csv is that of an epoch, not the setting.
            var header = column == PeakRateKey ? PeakRateHeader : columns.Count(c => LastPart(c) == LastPart(column)) > 1 ? column : LastPart(column);
            // Columns that the user names are always shown; those that are equal in all rows go first.
            var isConstant = column != "when" && rows.Count > 1 && rows.All(r => r.Cell(column) == rows[0].Cell(column));
            var constant = !isConstant ? 0 : column is RunTable.DataSetColumn or "architecture" ? 2 * columns.Length : columns.Length;
            var rank = named || i < 3 ? 0 : column == "when" ? 1 : i - 2 + constant;
            _ = rows.All(r => r.Cell(column) is null || r.Number(column) is not null) ? table.Number(header, rank) : table.Text(header, rank);
        }

        foreach (var row in rows)
        {
            table.Row([.. columns.Select(c => new TableCell(row.Text(c) ?? ""))]);
        }

        table.Print();
    }

    private static int Show(ParseResult parsed, IReadOnlyList<RunRow> rows, RunRow run)
    {
        Log($"{run.Name}: {run.Folder.Folder}");
        PrintFacts(run);
        var relatives = rows.Where(r => r != run).Select(r => (Row: r, Changes: RunTable.Changes(r, run)))
            .OrderBy(r => r.Changes.Count).ThenBy(r => r.Row.Name, StringComparer.Ordinal).Take(Relatives).ToList();
        if (relatives.Count > 0)
        {
            var table = new TerminalTable().Text("other run").Number("val_accuracy").Number("val_loss", rank: 1).Number("changes").Text("what changed");
            foreach (var (row, changes) in relatives)
            {
                table.Row(
                    row.Name, Gain(row, run, "val_accuracy", MetricText.Difference), Gain(row, run, "val_loss", MetricText.Judged), $"{changes.Count}",
                    DescribeChanges(row, run, changes));
            }

            Log($"Runs that differ least; metrics: {run.Name} minus the other run.");
            table.Print();
        }

        CommonOptions.PrintJson(parsed, new
        {
            run = run.Name,
            facts = run.Facts,
            metrics = run.Metrics,
            relatives = relatives.Select(r => new { run = r.Row.Name, changes = r.Changes.ToDictionary(c => c.Key, c => new[] { c.First, c.Second }) }),
        });
        return ExitCode.Done;
    }

    private static string Gain(RunRow from, RunRow to, string column, Func<string, double, string> format) =>
        (from.Number(column), to.Number(column)) is ({ } a, { } b) ? format(column, b - a) : "";

    private static void PrintFacts(RunRow run)
    {
        var facts = new TerminalTable().Text("run").Text(run.Name);
        foreach (var (key, value) in run.Facts.Where(f => f.Key != "best_epoch"))
        {
            facts.Row(key, double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? MetricText.Of(key, number) : value);
        }

        facts.Print();
        Log("");
        if (run.Metrics.Count > 0)
        {
            var metrics = new TerminalTable().Text(run.Cell("best_epoch") is { } epoch ? $"best epoch ({epoch})" : "mean of the folds").Text("value");
            foreach (var key in MetricText.Sorted(run.Metrics.Keys))
            {
                metrics.Row(MetricText.Label(key), MetricText.Of(key, run.Metrics[key]));
            }

            metrics.Print();
            Log("");
        }
    }

    private static string DescribeChanges(RunRow other, RunRow run, IReadOnlyList<RecipeChange> changes)
    {
        List<string> parts = [.. changes.Count > 4 ? changes.Take(3).Select(c => $"{c}").Append($"and {changes.Count - 3} more") : changes.Select(c => $"{c}")];
        if (other.Cell(RunTable.SoupColumn) is { } soup)
        {
            parts.Add($"soup of {soup}");
        }

        var machine = changes.Count == 0 ? RunTable.MachineChanges(other, run) : [];
        if (machine.Count > 0)
        {
            parts.Add($"({string.Join(',', machine)} {(machine.Count == 1 ? "differs" : "differ")})");
        }

        return RunsDiffVerb.Spaced(string.Join("; ", parts));
    }

    private static string LastPart(string key) => key[(key.LastIndexOf('.') + 1)..];
}
