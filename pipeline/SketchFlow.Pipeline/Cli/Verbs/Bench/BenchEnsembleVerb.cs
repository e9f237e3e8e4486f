using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Scoring.Ensembling.Selection;

namespace SketchFlow.Pipeline.Cli.Verbs.Bench;

/// <summary>The verb <c>bench ensemble</c>.</summary>
[Verb(
    "bench ensemble",
    "Time to load synthetic logits tables, and to score all subsets of them by accuracy.",
    Order = 40,
    Examples = ["sketchflow bench ensemble", "sketchflow bench ensemble --models 8 --rows 10000 --classes 100"])]
public sealed class BenchEnsembleVerb : Verb
{
    private readonly Option<int> _models = new("--models") { Description = $"Number of models, 1 to {Search.MostModels}.", DefaultValueFactory = _ => 12 };

    private readonly Option<int> _rows = new("--rows") { Description = "Rows per table.", DefaultValueFactory = _ => 3000 };

    private readonly Option<int> _classes = new("--classes") { Description = "Number of classes.", DefaultValueFactory = _ => 500 };

    private readonly Option<long> _seed = new("--seed") { Description = "Random seed of the logits.", DefaultValueFactory = _ => 1 };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_models, _rows, _classes, _seed, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var (models, rows, classes) = (parsed.GetValue(_models), parsed.GetValue(_rows), parsed.GetValue(_classes));
        if (models is < 1 or > Search.MostModels || rows < 1 || classes < 2)
        {
            throw new UsageException(
                $"--models {models} --rows {rows} --classes {classes}: expected 1 to {Search.MostModels} models, at least 1 row and 2 classes.");
        }

        var folder = Path.Combine(CommonOptions.ArtifactsOf(parsed).Bench, string.Create(CultureInfo.InvariantCulture, $"ensemble-{Environment.ProcessId}"));
        Log($"{models} tables of {rows} rows and {classes} classes");
        var result = EnsembleBench.Run(folder, models, rows, classes, parsed.GetValue(_seed));
        Log($"loaded in {result.LoadSeconds:0.000} s, {result.LoadMemoryRatio:0.00} times the raw floats"
            + (result.LoadPeakMemoryRatio is { } peak ? $" (at most {peak:0.00} times)" : ""));
        Log($"{result.Subsets} subsets in {result.SearchSeconds:0.000} s ({result.SubsetsPerSecond:0} per second; "
            + $"repeated {result.SecondSearchSeconds:0.000} s), {result.Workers} workers");
        Log($"best {result.Best:0.0000}: {string.Join(", ", SubsetScores.MembersOf(result.BestSubset))}");
        CommonOptions.PrintJson(parsed, result);
        return ExitCode.Done;
    }
}
