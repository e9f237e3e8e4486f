using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;

namespace SketchFlow.Pipeline.Runs.Listing;

/// <summary>Lists, filters, sorts and compares runs. It reads only <c>recipe.yaml</c>, the CSV files and the metadata of
/// weights, so that no native library is loaded.</summary>
public static partial class RunTable
{
    /// <summary>Default columns.</summary>
    public static ImmutableArray<string> Columns { get; } =
    [
        "run", "val_accuracy", "val_loss", DataSetColumn, "architecture", "image_size", "epochs_done", "epochs", "best_epoch", "optimizer.learning_rate",
        "batch_size", "when",
    ];

    /// <summary>Name of the column with the data set.</summary>
    public const string DataSetColumn = "dataset";

    /// <summary>Name of the column with the runs whose weights a soup averages.</summary>
    public const string SoupColumn = "soup_of";

    private const string EstimatedAccuracy = "estimated_val_accuracy";
    private const string EstimatedBy = "estimated_by";

    private static readonly RecipeOrigins _origins = new();
    private static readonly PresetOrigins _presets = new();

    private const string ArchitectureKey = "architecture";
    private const string MeasuredMean = "preparation.mean";
    private const string MeasuredStd = "preparation.std";

    // The use of the machine does not change what an experiment is.
    private static readonly string[] _machine = ["workers", "threads", "device"];
    // These choose the validation images.
    private static readonly string[] _split = ["data.folds", "data.fold", "data.validation", "data.split_seed", "data.split_method"];
    private static readonly string[] _silent = ["description", .. _machine];

    /// <summary>Returns the default columns for these runs: with refits among them, also the figures that estimate those.</summary>
    public static ImmutableArray<string> ColumnsFor(IReadOnlyList<RunRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.Any(r => r.Facts.ContainsKey(EstimatedBy))
            ? Columns.InsertRange(Columns.IndexOf("val_accuracy") + 1, (ImmutableArray<string>)[EstimatedAccuracy, EstimatedBy])
            : Columns;
    }

    /// <summary>Reads all runs, newest first, each followed by its folds. A run whose recipe cannot be read is reported and skipped.</summary>
    public static IReadOnlyList<RunRow> All(Artifacts artifacts, Action<string> log)
    {
        if (!Directory.Exists(artifacts.Runs))
        {
            return [];
        }

        var runs = new List<IReadOnlyList<RunRow>>();
        foreach (var folder in Directory.EnumerateDirectories(artifacts.Runs).Select(d => new RunFolder(d)))
        {
            try
            {
                List<RunRow> own = [.. folder.Folds.Where(f => File.Exists(f.Recipe)).Select(f => Row(f, []))];
                runs.Add(File.Exists(folder.Recipe) ? [Row(folder, own), .. own] : own);
            }
            catch (Exception e) when (e is RefusalException or UsageException or IOException)
            {
                log($"Skipped {folder.Name}: {e.Message}");
            }
        }

        return
        [
            .. runs.Where(r => r.Count > 0).OrderByDescending(r => r.Max(part => File.GetLastWriteTimeUtc(part.Folder.Recipe)))
                .ThenBy(r => r[0].Name, StringComparer.Ordinal).SelectMany(r => r),
        ];
    }

    /// <summary>Finds the row of a run by its name.</summary>
    /// <exception cref="RefusalException">No run has that name; the message lists the existing ones.</exception>
    public static RunRow Named(IReadOnlyList<RunRow> rows, string name) => rows.FirstOrDefault(r => r.Name == name)
        ?? throw new RefusalException(rows.Count == 0
            ? $"No run named {name}: there are none yet; sketchflow train makes one."
            : $"No run named {name}{Spelling.DidYouMean(name, rows.Select(r => r.Name))}; the nearest of {rows.Count}: "
                + $"{string.Join(", ", Spelling.Nearest(name, rows.Select(r => r.Name), 5))} (sketchflow runs lists all runs).");

    /// <summary>Selects the rows that satisfy every condition.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="conditions">Conditions, each <c>COLUMN OP VALUE</c> with =, !=, &lt;, &lt;=, &gt;, &gt;= or ~ (contains).</param>
    /// <exception cref="UsageException">A condition is malformed, or no run has its column.</exception>
    public static IReadOnlyList<RunRow> Where(IReadOnlyList<RunRow> rows, IEnumerable<string> conditions)
    {
        foreach (var condition in conditions)
        {
            var parts = Condition().Match(condition);
            if (!parts.Success)
            {
                throw new UsageException(
                    $"--filter {condition} is not a condition; write COLUMN=VALUE with =, !=, <, <=, >, >= or ~ (contains), such as \"val_accuracy>0.7\".");
            }

            var (column, op, value) = (parts.Groups["column"].Value, parts.Groups["op"].Value, parts.Groups["value"].Value);
            Require(rows, column);
            if (op.AsSpan().ContainsAny('<', '>') && rows.Any(r => r.Number(column) is not null)
                && !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            {
                throw new UsageException($"--filter {condition}: expected a number for the column {column}, got '{value}'.");
            }

            rows = [.. rows.Where(r => Holds(r, column, op, value))];
        }

        return rows;
    }

    /// <summary>Sorts rows by a column: numbers by value, text in ordinal order; rows without a value are last.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="column">Name of the column; a leading minus sorts in descending order.</param>
    /// <exception cref="UsageException">No run has such a column.</exception>
    public static IReadOnlyList<RunRow> Sorted(IReadOnlyList<RunRow> rows, string column)
    {
        var down = column.StartsWith('-');
        column = down ? column[1..] : column;
        Require(rows, column);
        var (with, without) = (rows.Where(r => r.Cell(column) is not (null or "null")).ToList(), rows.Where(r => r.Cell(column) is null or "null"));
        var comparer = Comparer<RunRow>.Create((a, b) =>
        {
            var order = (a.Number(column), b.Number(column)) is ({ } x, { } y) ? x.CompareTo(y) : string.CompareOrdinal(a.Cell(column), b.Cell(column));
            return down ? -order : order;
        });
        return [.. with.Order(comparer), .. without];
    }

    /// <summary>Checks that at least one run has a column.</summary>
    /// <exception cref="UsageException">No run has it; the message lists the existing columns.</exception>
    public static void Require(IReadOnlyList<RunRow> rows, string column)
    {
        if (rows.Count > 0 && rows.All(r => r.Cell(column) is null))
        {
            List<string> known = [.. rows.SelectMany(r => r.Facts.Keys.Concat(r.Metrics.Keys)).Distinct().Order(StringComparer.Ordinal)];
            var names = known.Concat(rows.SelectMany(r => r.Recipe.Keys)).Concat(RecipeAliases.Keys.Keys).Concat(RecipeAliases.Metrics.Keys).Append("run");
            throw new UsageException(
                $"No run has a column {column}{Spelling.DidYouMean(column, names)}; "
                + $"columns are run, {string.Join(", ", known)}, and the keys of recipes, such as optimizer.learning_rate.");
        }
    }

    /// <summary>
    /// Lists the recipe keys whose values differ between two runs because the user chose another value. Statistics that were measured on the data, and
    /// settings that come with another augmentation preset or with the built-in recipe of another architecture, follow from other changes and are not
    /// counted.
    /// </summary>
    public static IReadOnlyList<RecipeChange> Changes(RunRow first, RunRow second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        List<RecipeChange> changes = [.. first.Recipe.Keys.Union(second.Recipe.Keys).Where(k => !_silent.Contains(k)).Order(StringComparer.Ordinal)
            .Select(k => new RecipeChange(k, first.Recipe.GetValueOrDefault(k), second.Recipe.GetValueOrDefault(k))).Where(c => c.First != c.Second)];
        changes.RemoveAll(c => c.Key is MeasuredMean or MeasuredStd
            && (IsMeasured(first) || c.First == "null") && (IsMeasured(second) || c.Second == "null"));
        RemovePreset(changes, first, second);

        if (first.Recipe.GetValueOrDefault(ArchitectureKey) != second.Recipe.GetValueOrDefault(ArchitectureKey)
            && _origins.Find(first.Recipe) is { } ofFirst && _origins.Find(second.Recipe) is { } ofSecond)
        {
            changes.RemoveAll(c => c.Key != ArchitectureKey && ofFirst.GetValueOrDefault(c.Key) == c.First && ofSecond.GetValueOrDefault(c.Key) == c.Second);
        }

        return changes;
    }

    /// <summary>Lists the settings in which two runs differ and which choose validation images; the metrics of such runs are of different images.</summary>
    public static IReadOnlyList<string> SplitChanges(RunRow first, RunRow second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var keys = first.Recipe.Keys.Union(second.Recipe.Keys).Where(k => _split.Contains(k) || k.StartsWith("data.group", StringComparison.Ordinal));
        return
        [
            .. first.Cell(DataSetColumn) == second.Cell(DataSetColumn) ? (string[])[] : [DataSetColumn],
            .. keys.Where(k => first.Recipe.GetValueOrDefault(k) != second.Recipe.GetValueOrDefault(k)).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Returns the name of the augmentation preset of a run; null if it has none.</summary>
    public static string? PresetOf(RunRow run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return _presets.Find(run.Recipe)?.Name;
    }

    // A preset also sets how images are prepared; without one, these settings are those of the recipe.
    private static void RemovePreset(List<RecipeChange> changes, RunRow first, RunRow second)
    {
        if (changes.Exists(c => c.Key == "augmentation") && (_presets.Find(first.Recipe), _presets.Find(second.Recipe)) is var (a, b)
            && (a is not null || b is not null))
        {
            changes.RemoveAll(c => c.Key.StartsWith("preparation.", StringComparison.Ordinal)
                && (a?.Settings.ContainsKey(c.Key) == true || b?.Settings.ContainsKey(c.Key) == true)
                && Comes(a?.Settings, first, c.Key, c.First) && Comes(b?.Settings, second, c.Key, c.Second));
        }

        static bool Comes(IReadOnlyDictionary<string, string>? preset, RunRow run, string key, string? value) =>
            preset?.ContainsKey(key) == true || _origins.Find(run.Recipe)?.GetValueOrDefault(key) == value;
    }

    /// <summary>Formats the rows as CSV.</summary>
    public static string Csv(IReadOnlyList<RunRow> rows, IReadOnlyList<string> columns) => CsvFile.Text(csv =>
    {
        csv.WriteRow(columns);
        foreach (var row in rows)
        {
            csv.WriteRow(columns.Select(row.Cell));
        }
    });

    /// <summary>Lists the settings of the machine in which two runs differ; they are no changes, but results may differ by rounding.</summary>
    public static IReadOnlyList<string> MachineChanges(RunRow first, RunRow second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return [.. _machine.Where(k => first.Recipe.GetValueOrDefault(k) != second.Recipe.GetValueOrDefault(k))];
    }

    private static bool IsMeasured(RunRow row) => row.Recipe.GetValueOrDefault("preparation.normalization") == "data_set";

    private static bool Holds(RunRow row, string column, string op, string value)
    {
        var cell = row.Cell(column);
        if (cell is null)
        {
            return false;
        }

        if (op == "~")
        {
            return cell.Contains(value, StringComparison.OrdinalIgnoreCase);
        }

        var order = row.Number(column) is { } x && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var y)
            ? x.CompareTo(y)
            : string.CompareOrdinal(cell, value);
        return op switch { "=" => order == 0, "!=" => order != 0, "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    private static RunRow Row(RunFolder folder, List<RunRow> folds)
    {
        var recipe = folder.Read();
        var metrics = MetricsTable.ReadRun(folder);
        var best = FindBest(folder, metrics, recipe.Stopping.Metric);
        var values = best is null
            ? Mean(folds)
            : metrics.Values(best).ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal);
        var facts = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [DataSetColumn] = DataSetOf(recipe),
            ["when"] = File.GetLastWriteTimeUtc(folder.Recipe).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
            ["epochs_done"] = (best is null && folds.Count > 0 ? folds.Sum(f => (int)(f.Number("epochs_done") ?? 0)) : metrics.Rows.Length)
                .ToString(CultureInfo.InvariantCulture),
        };
        if (best is not null)
        {
            facts["best_epoch"] = metrics.EpochOf(best).ToString(CultureInfo.InvariantCulture);
        }

        if (folds.Count > 0)
        {
            facts["folds_done"] = folds.Count.ToString(CultureInfo.InvariantCulture);
        }

        AddEstimate(folder, recipe, facts);
        if (SoupManifest.Read(folder) is { } soup)
        {
            facts[SoupColumn] = string.Join(',', soup.Ingredients.Where(i => i.Kept).Select(i => i.Run).Distinct());
        }

        return new RunRow(folder.Name, folder, RecipeKeys.Flatten(recipe), values, facts);
    }

    /// <summary>Returns the name of a recipe's data set: that of its folder.</summary>
    public static string DataSetOf(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return recipe.Data.Path is { } path ? Path.GetFileName(Path.TrimEndingDirectorySeparator(path)) : "doodles";
    }

    // A refit learns from every image, so that it has no validation figures of its own.
    private static void AddEstimate(RunFolder folder, Recipe recipe, SortedDictionary<string, string> facts)
    {
        if (recipe.Refit is not null && File.Exists(folder.Best) && RunIdentity.Read(folder) is { EstimatedBy: { } run, EstimatedAccuracy: { } accuracy })
        {
            facts[EstimatedAccuracy] = accuracy.ToString("R", CultureInfo.InvariantCulture);
            facts[EstimatedBy] = run;
        }
    }

    private static Dictionary<string, double> Mean(List<RunRow> folds) =>
        folds.SelectMany(f => f.Metrics).GroupBy(m => m.Key, StringComparer.Ordinal).Where(g => g.Count() == folds.Count)
            .ToDictionary(g => g.Key, g => g.Average(m => m.Value), StringComparer.Ordinal);

    // The epoch that training selects, which takes averaged weights into account; null before the first with a finite validation loss.
    private static double[]? FindBest(RunFolder folder, MetricsTable metrics, ValidationMetric metric)
    {
        if (metrics.Rows.IsEmpty)
        {
            return null;
        }

        return new EpochRanking(metric).FindBest(EpochMetrics.Read(folder.Metrics)) is { } best
            ? metrics.Rows.Last(r => metrics.EpochOf(r) == best.Epoch)
            : null;
    }

    [GeneratedRegex(@"^\s*(?<column>[\w.\-]+?)\s*(?<op>!=|<=|>=|=|<|>|~)\s*(?<value>.*?)\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Condition();
}
