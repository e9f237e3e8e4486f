using System.CommandLine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;
using Spectre.Console;

namespace SketchFlow.Pipeline.Cli.Verbs.Logits;

/// <summary>The verb <c>logits list</c>.</summary>
[Verb("logits list", "List all logits tables: data set, split, run, rows, classes, and accuracy where targets are known.", Order = 10)]
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

        var shown = TerminalTable.New().Text("data set").Text("split").Text("run").Text("model").Number("rows").Number("classes").Number("accuracy %");
        foreach (var (metadata, rows, accuracy) in tables)
        {
            shown.AddRow(
                Markup.Escape(metadata.Dataset), metadata.Split, Markup.Escape(metadata.Name), Markup.Escape(metadata.Model),
                $"{rows}", $"{metadata.ClassNames.Length}", accuracy is { } a ? $"{100 * a:0.00}" : "-");
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
