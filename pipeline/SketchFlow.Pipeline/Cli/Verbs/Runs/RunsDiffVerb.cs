using System.CommandLine;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Listing;

namespace SketchFlow.Pipeline.Cli.Verbs.Runs;

/// <summary>The verb <c>runs diff</c>.</summary>
[Verb(
    "runs diff",
    "Compare the recipes and the best metrics of two runs.",
    Order = 10,
    Examples =
    [
        "sketchflow runs diff resnet18-my-data-1 resnet18-my-data-2",
        "sketchflow runs diff resnet18-my-data-1 resnet18-my-data-2 --json",
    ])]
public sealed class RunsDiffVerb : Verb
{
    private const int MostOfChange = 100;

    private readonly Argument<string[]> _names = new("runs") { Description = "Two runs.", Arity = new ArgumentArity(2, 2) };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_names, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var rows = RunTable.All(CommonOptions.ArtifactsOf(parsed), Warn);
        var names = parsed.GetValue(_names)!;
        return Compare(parsed, RunTable.Named(rows, names[0]), RunTable.Named(rows, names[1]));
    }

    /// <summary>Adds spaces after commas, at which a long list may be broken.</summary>
    internal static string Spaced(string value) => value.Replace(",", ", ", StringComparison.Ordinal);

    // A preset is shown by its name rather than by its transforms.
    private static string Value(RunRow run, string key, string? value) =>
        (key == "augmentation" ? RunTable.PresetOf(run) : null) ?? Spaced(value ?? "(none)");

    // A long list of transforms is not printed a second time.
    private static string DescribeChange(RunRow first, RunRow second, RecipeChange change)
    {
        var (before, after) = (Value(first, change.Key, change.First), Value(second, change.Key, change.Second));
        return before.Length + after.Length > MostOfChange ? change.Key : $"{change.Key} {before} -> {after}";
    }

    private static string BestEpoch(RunRow run) => run.Cell("best_epoch") is { } epoch ? $"{run.Name} (epoch {epoch})" : run.Name;

    /// <summary>Prints the differences of two runs.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="first">The run to compare with.</param>
    /// <param name="second">The run whose metrics minus those of <paramref name="first"/> are the difference.</param>
    internal static int Compare(ParseResult parsed, RunRow first, RunRow second)
    {
        var changes = RunTable.Changes(first, second);
        var shared = MetricText.Sorted(first.Metrics.Keys.Where(second.Metrics.ContainsKey));
        var split = RunTable.SplitChanges(first, second);
        if (shared.Count > 0)
        {
            if (split.Count > 0)
            {
                Log($"Not the same validation images ({string.Join(", ", split)}): the differences of the metrics do not compare the settings alone.");
            }

            var metrics = new TerminalTable().Text("best epoch").Number(BestEpoch(first)).Number(BestEpoch(second)).Number("difference");
            foreach (var key in shared)
            {
                metrics.Row(
                    MetricText.Label(key), MetricText.Of(key, first.Metrics[key]), MetricText.Of(key, second.Metrics[key]),
                    split.Count > 0
                        ? MetricText.Difference(key, second.Metrics[key] - first.Metrics[key])
                        : MetricText.Judged(key, second.Metrics[key] - first.Metrics[key]));
            }

            metrics.Print();
            Log("");
        }

        if (changes.Count > 0)
        {
            var settings = new TerminalTable().Text("setting").Text(first.Name).Text(second.Name);
            foreach (var change in changes)
            {
                settings.Row(change.Key, Value(first, change.Key, change.First), Value(second, change.Key, change.Second));
            }

            settings.Print();
        }

        Log(changes.Count switch
        {
            0 when RunTable.MachineChanges(first, second) is { Count: > 0 } machine =>
                $"No setting was changed, only {string.Join(", ", machine)}: the differences are random or due to rounding.",
            0 when second.Cell(RunTable.SoupColumn) is { } soup => $"No setting was changed: {second.Name} is a soup of {Spaced(soup)}.",
            0 when first.Cell(RunTable.SoupColumn) is { } soup => $"No setting was changed: {first.Name} is a soup of {Spaced(soup)}.",
            0 => "No setting was changed: the differences are random.",
            1 => $"One change: {DescribeChange(first, second, changes[0])}.",
            var many => $"{many} changes: these two runs alone cannot tell which one made the difference.",
        });
        CommonOptions.PrintJson(parsed, new
        {
            first = first.Name,
            second = second.Name,
            changes = changes.ToDictionary(c => c.Key, c => new[] { c.First, c.Second }),
            metrics = shared.ToDictionary(k => k, k => new[] { first.Metrics[k], second.Metrics[k], second.Metrics[k] - first.Metrics[k] }),
        });
        return ExitCode.Done;
    }
}
