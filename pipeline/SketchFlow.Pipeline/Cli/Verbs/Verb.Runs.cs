using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking;
using SketchFlow.Pipeline.Tracking.Mlflow;
using Spectre.Console;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow runs</c>: the table of all runs, one run beside its relatives, two runs by their differences.</summary>
    private static Command Runs()
    {
        var names = new Argument<string[]>("runs") { Description = "None lists all runs; one is shown beside those that differ least; two are compared.", Arity = new ArgumentArity(0, 2) };
        var sort = new Option<string?>("--sort") { Description = "A column to sort by; -COLUMN puts the largest first. By default the newest first." };
        var filter = new Option<string[]>("--filter") { Description = "COLUMN OP VALUE with =, !=, <, <=, >, >= or ~ (contains); may be repeated, and all must hold.", DefaultValueFactory = _ => [] };
        var columns = new Option<string?>("--columns") { Description = $"Columns with commas between: {string.Join(", ", RunTable.Columns)}, those of metrics.csv, keys of recipes." };
        var limit = new Option<int?>("--limit") { Description = "At most so many rows." };
        var csv = new Option<bool>("--csv") { Description = "Print the table as CSV and nothing else." };
        var verb = new Command("runs", "The table of all runs: sorted, filtered, compared.") { names, sort, filter, columns, limit, csv, CommonOptions.Artifacts, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            var rows = RunTable.All(Artifacts.At(parsed.GetValue(CommonOptions.Artifacts)), Warn);
            switch (parsed.GetValue(names)!)
            {
                case [var one]:
                    return ShowRun(parsed, rows, one);
                case [var first, var second]:
                    return DiffRuns(parsed, RunTable.Named(rows, first), RunTable.Named(rows, second));
            }

            string[] shown = parsed.GetValue(columns)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [.. RunTable.Columns];
            foreach (var column in parsed.GetValue(columns) is null ? [] : shown)
            {
                RunTable.Require(rows, column);
            }

            rows = RunTable.Where(rows, parsed.GetValue(filter)!);
            rows = parsed.GetValue(sort) is { } by ? RunTable.Sorted(rows, by) : rows;
            rows = [.. rows.Take(parsed.GetValue(limit) ?? int.MaxValue)];
            if (parsed.GetValue(csv))
            {
                System.Console.Write(RunTable.Csv(rows, shown));
                return ExitCode.Done;
            }

            if (rows.Count == 0)
            {
                Log("No runs.");
            }
            else
            {
                WriteTable(rows, shown);
            }

            CommonOptions.PrintJson(parsed, rows.Select(r => shown.ToDictionary(c => c, c => r.Number(c) is { } number && double.IsFinite(number) ? (object)number : r.Cell(c))));
            return ExitCode.Done;
        });
        verb.Add(RunsDiff());
        verb.Add(RunsSync());
        return verb;
    }

    private static Command RunsDiff()
    {
        var names = new Argument<string[]>("runs") { Description = "Two runs.", Arity = new ArgumentArity(2, 2) };
        var verb = new Command("diff", "Compare two runs by the differences of their recipes and of their best metrics.") { names, CommonOptions.Artifacts, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            var rows = RunTable.All(Artifacts.At(parsed.GetValue(CommonOptions.Artifacts)), Warn);
            var pair = parsed.GetValue(names)!;
            return DiffRuns(parsed, RunTable.Named(rows, pair[0]), RunTable.Named(rows, pair[1]));
        });
        return verb;
    }

    private static Command RunsSync()
    {
        var names = new Argument<string[]>("runs") { Description = "Runs; by default all.", Arity = ArgumentArity.ZeroOrMore };
        var verb = new Command("sync", "Send runs, or what a tracking server missed of them, to MLflow.") { names, CommonOptions.Track, CommonOptions.Artifacts, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            var rows = RunTable.All(Artifacts.At(parsed.GetValue(CommonOptions.Artifacts)), Warn);
            var chosen = parsed.GetValue(names)! is { Length: > 0 } some ? [.. some.Select(n => RunTable.Named(rows, n))] : rows;
            var stores = Trackers.Stores(parsed.GetValue(CommonOptions.Track)!, Environment.GetEnvironmentVariable);
            if (stores.Count == 0)
            {
                throw new UsageException($"There is nowhere to send to; give --track mlflow:DIR or --track http://HOST:PORT, or set {Trackers.Variable}.");
            }

            foreach (var store in stores)
            {
                using (store)
                {
                    foreach (var row in chosen)
                    {
                        var experiment = Trackers.Experiment(Environment.GetEnvironmentVariable) ?? DataName(row);
                        try
                        {
                            var sent = new MlflowSync(store, row.Folder, experiment).Push(MetricsTable.ReadRun(row.Folder), MlflowStatus.Finished);
                            Log($"{row.Name}: {sent.Epochs} epochs are at {store.Location}, experiment {experiment}, run {sent.Run}");
                        }
                        catch (Exception e) when (e is MlflowRefusalException or System.Net.Http.HttpRequestException or OperationCanceledException)
                        {
                            throw new RefusalException($"{store.Location} did not take {row.Name}: {e.Message.TrimEnd('.')}.", e);
                        }
                    }
                }
            }

            return ExitCode.Done;
        });
        return verb;
    }

    private static string DataName(RunRow row) => row.Recipe.GetValueOrDefault("data.path") is { } path and not "null" ? Path.GetFileName(Path.TrimEndingDirectorySeparator(path)) : "doodles";

    private static int ShowRun(ParseResult parsed, IReadOnlyList<RunRow> rows, string name)
    {
        var run = RunTable.Named(rows, name);
        Log($"{run.Name}: {run.Folder.Folder}");
        foreach (var (key, value) in run.Facts.Concat(run.Metrics.Select(m => KeyValuePair.Create(m.Key, $"{m.Value:0.#####}"))))
        {
            Log($"  {key} {value}");
        }

        // What one change brought is what two runs that differ in it alone say.
        var relatives = rows.Where(r => r != run).Select(r => (Row: r, Changes: RunTable.Changes(r, run))).OrderBy(r => r.Changes.Count).ThenBy(r => r.Row.Name, StringComparer.Ordinal).Take(10).ToList();
        if (relatives.Count > 0)
        {
            var table = TerminalTable.New().Text("changes").Text("from run").Number("val_accuracy").Number("val_loss").Sentences("what changed");
            foreach (var (row, changes) in relatives)
            {
                table.AddRow(
                    $"{changes.Count}", Markup.Escape(row.Name), Gain(row, run, "val_accuracy"), Gain(row, run, "val_loss"),
                    Markup.Escape(changes.Count > 4 ? $"{string.Join("; ", changes.Take(3))}; and {changes.Count - 3} more" : string.Join("; ", changes)));
            }

            Log("Runs that differ least, and what the change to this one brought:");
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

    private static string Gain(RunRow from, RunRow to, string column) => (from.Number(column), to.Number(column)) is ({ } a, { } b) ? $"{b - a:+0.0000;-0.0000;0.0000}" : "";

    private static int DiffRuns(ParseResult parsed, RunRow first, RunRow second)
    {
        var changes = RunTable.Changes(first, second);
        var recipe = TerminalTable.New().Text("setting").Sentences(first.Name).Sentences(second.Name);
        foreach (var change in changes)
        {
            recipe.AddRow(Markup.Escape(change.Key), Markup.Escape(change.First ?? "-"), Markup.Escape(change.Second ?? "-"));
        }

        List<string> shared = [.. first.Metrics.Keys.Where(second.Metrics.ContainsKey).Order(StringComparer.Ordinal)];
        if (changes.Count > 0)
        {
            recipe.Print();
        }

        Log(changes.Count switch
        {
            0 => "The two recipes are the same: what differs below is chance.",
            1 => $"One change: {changes[0]}.",
            var many => $"{many} changes at once: which of them brought the difference, these two runs cannot say.",
        });
        if (shared.Count > 0)
        {
            var metrics = TerminalTable.New().Text("at its best epoch").Number(first.Name).Number(second.Name).Number("difference");
            foreach (var key in shared)
            {
                metrics.AddRow(Markup.Escape(key), $"{first.Metrics[key]:0.#####}", $"{second.Metrics[key]:0.#####}", $"{second.Metrics[key] - first.Metrics[key]:+0.#####;-0.#####;0}");
            }

            metrics.Print();
        }

        CommonOptions.PrintJson(parsed, new
        {
            first = first.Name,
            second = second.Name,
            changes = changes.ToDictionary(c => c.Key, c => new[] { c.First, c.Second }),
            metrics = shared.ToDictionary(k => k, k => new[] { first.Metrics[k], second.Metrics[k], second.Metrics[k] - first.Metrics[k] }),
        });
        return ExitCode.Done;
    }

    private static void WriteTable(IReadOnlyList<RunRow> rows, IReadOnlyList<string> columns)
    {
        var table = TerminalTable.New();
        foreach (var column in columns)
        {
            var header = column[(column.LastIndexOf('.') + 1)..];
            _ = rows.All(r => r.Cell(column) is null || r.Number(column) is not null) ? table.Number(header) : table.Text(header);
        }

        foreach (var row in rows)
        {
            table.AddRow([.. columns.Select(c => Markup.Escape(row.Number(c) is { } number ? number.ToString("0.######", CultureInfo.InvariantCulture) : row.Cell(c) ?? ""))]);
        }

        table.Print();
    }

    private static void Warn(string line) => System.Console.Error.WriteLine(line);
}
