using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Ensembling.Selection;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    private static Command BenchEnsemble()
    {
        var models = new Option<int>("--models") { Description = $"Models, 1 to {Search.MostModels}.", DefaultValueFactory = _ => 12 };
        var rows = new Option<int>("--rows") { Description = "Rows of a table.", DefaultValueFactory = _ => 3000 };
        var classes = new Option<int>("--classes") { Description = "Classes of a row.", DefaultValueFactory = _ => 500 };
        var seed = new Option<long>("--seed") { Description = "Seed of the logits.", DefaultValueFactory = _ => 1 };
        var verb = new Command("ensemble", "Loading synthetic logits tables, and scoring all their subsets by accuracy.") { models, rows, classes, seed, CommonOptions.Artifacts, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            var (m, r, c) = (parsed.GetValue(models), parsed.GetValue(rows), parsed.GetValue(classes));
            if (m is < 1 or > Search.MostModels || r < 1 || c < 2)
            {
                throw new UsageException($"There are {m} models, {r} rows and {c} classes, expected 1 to {Search.MostModels} models, at least 1 row and 2 classes.");
            }

            var folder = Path.Combine(Artifacts.At(parsed.GetValue(CommonOptions.Artifacts)).Bench, string.Create(CultureInfo.InvariantCulture, $"ensemble-{Environment.ProcessId}"));
            Log($"{m} tables of {r} rows and {c} classes");
            var result = EnsembleBench.Run(folder, m, r, c, parsed.GetValue(seed));
            Log($"loaded in {result.LoadSeconds:0.000} s, {result.LoadMemoryRatio:0.00} times the raw floats"
                + (result.LoadPeakMemoryRatio is { } peak ? $" (at most {peak:0.00} times)" : ""));
            Log($"{result.Subsets} subsets in {result.SearchSeconds:0.000} s ({result.SubsetsPerSecond:0} a second; again {result.SecondSearchSeconds:0.000} s), {result.Workers} workers");
            Log($"best {result.Best:0.0000}: {string.Join(", ", SubsetScores.MembersOf(result.BestSubset))}");
            CommonOptions.PrintJson(parsed, result);
            return ExitCode.Done;
        });
        return verb;
    }
}
