using System.CommandLine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Tables.Import;

namespace SketchFlow.Pipeline.Cli.Verbs.Logits;

/// <summary>The verb <c>logits import</c>: stores the predictions of another tool as a run.</summary>
[Verb(
    "logits import",
    "Import logits of another tool as a run, after checking its rows and classes against the data set.",
    Order = 20,
    Examples =
    [
        "sketchflow logits import timm.parquet --run timm-resnet50 --data my-data",
        "sketchflow logits import mine.csv --run mine --values probabilities",
    ])]
public sealed class LogitsImportVerb : Verb
{
    // Stored in the table's metadata; tables of earlier versions have it too.
    private const string UnknownModel = "foreign";

    private readonly Argument<string> _file = new("FILE")
    {
        Description = ".parquet of timm's inference.py, .csv of probabilities or logits, or NumPy's .npy.",
    };

    private readonly Option<string> _run = new("--run") { Description = "Run name of the imported table.", Required = true };

    private readonly Option<string> _split = new("--split") { Description = "val, test or train.", DefaultValueFactory = _ => RunLogits.Validation };

    private readonly Option<string?> _model = new("--model") { Description = $"Architecture to store in the table; default: '{UnknownModel}'." };

    private readonly Option<string?> _classes = new("--classes")
    {
        Description = "File with one class name per line in the order of the columns, for tables that do not name their classes (timm, .npy).",
    };

    private readonly Option<string?> _ids = new("--ids") { Description = "File with one id or image path per line in the order of the rows of a .npy." };

    private readonly Option<ImportedValues> _values = new("--values")
    {
        Description = "logits or probabilities, for tables that do not say which they contain.",
        DefaultValueFactory = _ => ImportedValues.AsNamed,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
        [_file, _run, _split, _model, _classes, _ids, _values, CommonOptions.DataOfLogits, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var options = new ImportOptions
        {
            ClassNames = parsed.GetValue(_classes) is { } named ? ReadNames(named) : null,
            IdFile = parsed.GetValue(_ids),
            Values = parsed.GetValue(_values),
        };
        var (path, rows, accuracy) = LogitsImport.Import(
            CommonOptions.ArtifactsOf(parsed), parsed.GetValue(_file)!, parsed.GetValue(CommonOptions.DataOfLogits), parsed.GetValue(_split)!,
            parsed.GetValue(_run)!, parsed.GetValue(_model) ?? UnknownModel, options);
        Log($"{rows} rows{(accuracy is { } a ? $", accuracy {Percent.Text(a)}" : "")}: {path}");
        CommonOptions.PrintJson(parsed, new { path, rows, accuracy });
        return ExitCode.Done;
    }

    private static string[] ReadNames(string file) => File.Exists(file)
        ? [.. File.ReadLines(file).Select(l => l.Trim()).Where(l => l.Length > 0)]
        : throw new RefusalException($"--classes names {file}, which does not exist; expected a file with one class name per line.");
}
