using System.Collections.Immutable;
using System.CommandLine;
using SketchFlow.Pipeline.Terminal;
using SketchFlow.Samples;

namespace SketchFlow.Pipeline.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow predict</c>.</summary>
    private static Command Predict()
    {
        var runs = new Option<string[]>("--run") { Description = "Run(s) to predict with, or all; by default the newest.", DefaultValueFactory = _ => [] };
        var verb = new Command("predict", "Run trained model(s) over the validation and test images: logits and a submission.")
        {
            runs, Shared.Data, Shared.Device, Shared.Amp, Shared.Set, Shared.Artifacts, Shared.Json,
        };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var artifacts = Artifacts.At(parsed.GetValue(Shared.Artifacts));
            var rejected = ImmutableArray.CreateBuilder<Rejected>();
            var results = new List<object>();
            foreach (var run in Chosen(artifacts, parsed.GetValue(runs)!))
            {
                string[] set =
                [
                    .. parsed.GetValue(Shared.Device) is { } d ? [$"device={d}"] : Array.Empty<string>(),
                    .. parsed.GetValue(Shared.Amp) is { } a ? [$"amp={a}"] : Array.Empty<string>(),
                    .. parsed.GetValue(Shared.Data) is { } p ? [$"data.path={p}"] : Array.Empty<string>(),
                    .. parsed.GetValue(Shared.Set)!,
                ];
                DataSet? data = null;
                foreach (var part in run.Trained)
                {
                    var recipe = part.Read(set);
                    data ??= DataSource.Open(recipe.Data.Path, artifacts, Environment.ProcessorCount);
                    Say($"run {part.Name}: {recipe.Architecture} on {data}");
                    using var flow = new PredictFlow(part, recipe, data, Pipeline.Device.Resolve(recipe.Device), artifacts);
                    foreach (var split in flow.Run(interruption.Token))
                    {
                        Say($"{split.Split}: {split.Rows} rows = {split.Rows - split.Rejected.Length} predicted + {split.Rejected.Length} rejected"
                            + (split.Accuracy is { } accuracy ? $", accuracy {100 * accuracy:0.00} %" : "") + $"; {split.Path}");
                        rejected.AddRange(split.Rejected);
                        results.Add(new { run = run.Name, fold = part.Fold, split = split.Split, rows = split.Rows, accuracy = split.Accuracy, rejected = split.Rejected.Length, path = split.Path });
                    }
                }

                Say(data!.Test.Length > 0
                    ? $"submission: {PredictFlow.Submit(artifacts, run, data)}"
                    : $"{data.Name} has no test images, so there is no submission.");
            }

            Shared.PrintJson(parsed, results);
            return Shared.ReportRejections(rejected.ToImmutable(), Path.Combine(artifacts.Submissions, "rejected.csv"));
        });
        return verb;
    }

    private static IReadOnlyList<RunFolder> Chosen(Artifacts artifacts, string[] names)
    {
        var all = artifacts.AllRuns();
        if (all.Count == 0)
        {
            throw new RefusalException($"There are no trained runs in {artifacts.Runs}; make train first.");
        }

        return names switch
        {
            [] => [all[0]],
            ["all"] => all,
            _ => [.. names.Select(name => all.FirstOrDefault(r => string.Equals(r.Name, name, StringComparison.Ordinal))
                ?? throw new RefusalException($"There is no trained run {name}; there are {string.Join(", ", all.Select(r => r.Name))}."))],
        };
    }
}
