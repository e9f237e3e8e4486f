using System.CommandLine;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Runs.Listing;
using Spectre.Console;

namespace SketchFlow.Pipeline.Cli.Verbs.Runs;

/// <summary>The verb <c>runs diff</c>.</summary>
[Verb("runs diff", "Compare the recipes and the best metrics of two runs.", Order = 10)]
public sealed class RunsDiffVerb : Verb
{
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

    /// <summary>Prints the differences of two runs.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="first">The run to compare with.</param>
    /// <param name="second">The run whose metrics minus those of <paramref name="first"/> are the difference.</param>
    internal static int Compare(ParseResult parsed, RunRow first, RunRow second)
    {
        var changes = RunTable.Changes(first, second);
        if (changes.Count > 0)
        {
            var settings = TerminalTable.New().Text("setting").Sentences(first.Name).Sentences(second.Name);
            foreach (var change in changes)
            {
                settings.AddRow(Markup.Escape(change.Key), Markup.Escape(change.First ?? "-"), Markup.Escape(change.Second ?? "-"));
            }

            settings.Print();
        }

        Log(changes.Count switch
        {
            0 => "The recipes are identical: differences below are random.",
            1 => $"One change: {changes[0]}.",
            var many => $"{many} changes: these two runs alone cannot tell which one made the difference.",
        });
        List<string> shared = [.. first.Metrics.Keys.Where(second.Metrics.ContainsKey).Order(StringComparer.Ordinal)];
        if (shared.Count > 0)
        {
            var metrics = TerminalTable.New().Text("at the best epoch").Number(first.Name).Number(second.Name).Number("difference");
            foreach (var key in shared)
            {
                metrics.AddRow(
                    Markup.Escape(key), $"{first.Metrics[key]:0.#####}", $"{second.Metrics[key]:0.#####}",
                    $"{second.Metrics[key] - first.Metrics[key]:+0.#####;-0.#####;0}");
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
}
