using System.CommandLine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;
using SketchFlow.Scoring.Tables.Import;
using Spectre.Console;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow logits …</c>: the cached tables, and those of other tools.</summary>
    private static Command Logits()
    {
        var verb = new Command("logits", "List the cached logits, or bring in those of other tools.");
        verb.Add(LogitsList());
        verb.Add(LogitsImport());
        return verb;
    }

    private static Command LogitsList()
    {
        var verb = new Command("list", "List all logits tables: data set, split, run, rows, classes, accuracy where targets are known.") { CommonOptions.Artifacts, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            string[] files = Directory.Exists(artifacts.Logits) ? [.. Directory.EnumerateFiles(artifacts.Logits, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];
            var tables = files.Select(file =>
            {
                var table = LogitsReader.Read(file);
                return (table.Metadata, table.Rows, Accuracy: table.Targets.All(t => t is not null) ? ClassificationMetrics.Evaluate(table).Accuracy : default(double?));
            }).ToList();
            var shown = TerminalTable.New().Text("data set").Text("split").Text("run").Text("model").Number("rows").Number("classes").Number("accuracy %");
            foreach (var (metadata, rows, accuracy) in tables)
            {
                shown.AddRow(
                    Markup.Escape(metadata.Dataset), metadata.Split, Markup.Escape(metadata.Name), Markup.Escape(metadata.Model), $"{rows}", $"{metadata.ClassNames.Length}", accuracy is { } a ? $"{100 * a:0.00}" : "-");
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
            return ExitCode.Done;
        });
        return verb;
    }

    private static Command LogitsImport()
    {
        var file = new Argument<string>("FILE") { Description = ".parquet of timm's inference.py, .csv of probabilities or logits, or NumPy's .npy." };
        var run = new Option<string>("--run") { Description = "Name that the table gets as a run.", Required = true };
        var split = new Option<string>("--split") { Description = "val, test or train.", DefaultValueFactory = _ => RunLogits.Validation };
        var model = new Option<string?>("--model") { Description = "Architecture, for the records; by default 'foreign'." };
        var classes = new Option<string?>("--classes") { Description = "File with one class name a line, in the order of the columns, where the table does not name them (timm, .npy)." };
        var ids = new Option<string?>("--ids") { Description = "File with one id or image path a line, in the order of the rows of a .npy." };
        var values = new Option<ImportedValues>("--values") { Description = "logits or probabilities, where the table does not say.", DefaultValueFactory = _ => ImportedValues.AsNamed };
        var verb = new Command("import", "Bring in logits that another tool wrote, as a run: rows and classes are held against those of the data set.")
        {
            file, run, split, model, classes, ids, values, CommonOptions.Data, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var options = new ImportOptions
            {
                ClassNames = parsed.GetValue(classes) is { } named ? ReadNames(named) : null,
                IdFile = parsed.GetValue(ids),
                Values = parsed.GetValue(values),
            };
            var (path, rows, accuracy) = Ensembles.LogitsImport.Import(
                artifacts, parsed.GetValue(file)!, parsed.GetValue(CommonOptions.Data), parsed.GetValue(split)!, parsed.GetValue(run)!, parsed.GetValue(model) ?? "foreign", options);
            Log($"{rows} rows{(accuracy is { } a ? $", accuracy {100 * a:0.00} %" : "")}: {path}");
            CommonOptions.PrintJson(parsed, new { path, rows, accuracy });
            return ExitCode.Done;
        });
        return verb;
    }

    private static string[] ReadNames(string file) => File.Exists(file)
        ? [.. File.ReadLines(file).Select(l => l.Trim()).Where(l => l.Length > 0)]
        : throw new RefusalException($"{file} does not exist, expected a file with one class name a line.");
}
