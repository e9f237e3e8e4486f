using System.CommandLine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Cli.Verbs.Logits;

/// <summary>The verb <c>logits list</c>.</summary>
[Verb(
    "logits list",
    "List all logits tables: data set, split, run, rows, classes, and accuracy where targets are known.",
    Order = 10,
    Examples = ["sketchflow logits list", "sketchflow logits list --json"])]
public sealed class LogitsListVerb : Verb
{
    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var folder = CommonOptions.ArtifactsOf(parsed).Logits;
        string[] files = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : [];
        var tables = new List<(LogitsMetadata Metadata, int Rows, double? Accuracy)>();
        var damaged = 0;
        foreach (var file in files)
        {
            try
            {
                var table = LogitsReader.Read(file);
                tables.Add((table.Metadata, table.Rows, table.Targets.All(t => t is not null) ? ClassificationMetrics.Evaluate(table).Accuracy : null));
            }
            catch (RefusalException e)
            {
                damaged++;
                Warn(e.Message);
            }
        }

        var shown = new TerminalTable().Text("data set").Text("split").Text("run").Number("accuracy").Number("rows")
            .Number("classes", rank: 1).Text("model", rank: 2);
        foreach (var (metadata, rows, accuracy) in tables)
        {
            shown.Row(
                metadata.Dataset, metadata.Split, metadata.Name, Percent.Text(accuracy), $"{rows}", $"{metadata.ClassNames.Length}", metadata.Model);
        }

        shown.Print();
        CommonOptions.PrintJson(parsed, tables.Select(t => new
        {
            dataset = t.Metadata.Dataset,
            split = t.Metadata.Split,
            run = t.Metadata.Run,
            fold = t.Metadata.Fold,
            model = t.Metadata.Model,
            rows = t.Rows,
            classes = t.Metadata.ClassNames.Length,
            accuracy = t.Accuracy,
        }));
        return damaged > 0 ? ExitCode.Failed : ExitCode.Done;
    }
}
