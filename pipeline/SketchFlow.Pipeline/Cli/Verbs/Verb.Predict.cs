using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow predict</c>.</summary>
    private static Command Predict()
    {
        var runs = new Option<string[]>("--run") { Description = "Run(s) to predict with, or all; by default the newest.", DefaultValueFactory = _ => [] };
        var tta = new Option<string[]>("--tta")
        {
            Description = $"Test-time augmentation, its logits averaged: none, or {string.Join(", ", TestTimeAugmentation.Names)}, joined by commas.",
            DefaultValueFactory = _ => [],
        };
        var scales = new Option<double[]>("--tta-scales") { Description = "Sizes of multi-scale as shares of the model's own; by default 0.875 1 1.125.", AllowMultipleArgumentsPerToken = true };
        var keep = new Option<bool>("--keep-views") { Description = "Keep the logits of every view, too, in tables below views/RUN/." };
        var half = new Option<bool>("--half") { Description = "Half precision: fp16 on a card, bf16 on a processor." };
        var batch = new Option<string?>("--batch-size") { Description = "Images a batch, or auto for as many as memory holds; by default the recipe's." };
        var verb = new Command("predict", "Run trained model(s) over the validation and test images: logits and a submission.")
        {
            runs, CommonOptions.Data, tta, scales, keep, half, batch, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Set, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            // By file: runs and folds reject the same images of a split.
            var rejected = new SortedDictionary<string, SortedDictionary<long, Rejected>>(StringComparer.Ordinal);
            var results = new List<object>();
            var augmentation = Augmentation(parsed.GetValue(tta)!, parsed.GetValue(scales), parsed.GetValue(keep));
            var (images, fit) = BatchSize(parsed.GetValue(batch));
            if (parsed.GetValue(half) && parsed.GetValue(CommonOptions.Amp) is not null)
            {
                throw new UsageException("--half and --amp both say the precision; give one of them.");
            }

            foreach (var run in Chosen(artifacts, parsed.GetValue(runs)!))
            {
                string[] set =
                [
                    .. parsed.GetValue(CommonOptions.Device) is { } d ? [$"device={d}"] : Array.Empty<string>(),
                    .. parsed.GetValue(CommonOptions.Amp) is { } a ? [$"amp={a}"] : Array.Empty<string>(),
                    .. parsed.GetValue(CommonOptions.Data) is { } p ? [$"data.path={p}"] : Array.Empty<string>(),
                    .. images is { } size ? [$"batch_size={size}"] : Array.Empty<string>(),
                    .. parsed.GetValue(CommonOptions.Set)!,
                ];
                DataSet? data = null;
                foreach (var part in run.Trained)
                {
                    var recipe = part.Read(set);
                    var device = DeviceChoice.Resolve(recipe.Device);
                    recipe = parsed.GetValue(half) ? recipe with { Amp = device.IsCuda ? AmpMode.Fp16 : AmpMode.Bf16 } : recipe;
                    data ??= DataSource.Open(recipe.Data.Path, artifacts, Environment.ProcessorCount, Progress.Open);
                    Log($"run {part.Name}: {recipe.Architecture} on {data}");
                    using var job = new PredictJob(part, recipe, data, artifacts, CommonOptions.Context(device), augmentation);
                    if (fit)
                    {
                        var (found, each) = job.FitBatch();
                        Log($"{found} images a batch{(each > 0 ? $", {each / 1e6:0.0} MB each" : "")}");
                    }

                    foreach (var split in job.Run(interruption.Token))
                    {
                        Log($"{split.Split}: {split.Rows} rows = {split.Rows - split.Rejected.Length} predicted + {split.Rejected.Length} rejected"
                            + (split.Accuracy is { } accuracy ? $", accuracy {100 * accuracy:0.00} %" : "") + $"; {split.Path}");
                        var file = artifacts.Rejections(data.Name, split.Split);
                        var listed = rejected[file] = rejected.GetValueOrDefault(file) ?? [];
                        foreach (var image in split.Rejected)
                        {
                            listed[image.Id] = image;
                        }

                        results.Add(new { run = run.Name, fold = part.Fold, split = split.Split, rows = split.Rows, accuracy = split.Accuracy, rejected = split.Rejected.Length, path = split.Path });
                    }
                }

                Log(data!.Test.Length > 0
                    ? $"submission: {new PredictionStore(artifacts).WriteSubmission(run, data)}"
                    : $"{data.Name} has no test images, so there is no submission.");
            }

            CommonOptions.PrintJson(parsed, results);
            var code = ExitCode.Done;
            foreach (var (file, listed) in rejected)
            {
                code = Math.Max(code, CommonOptions.ReportRejections(listed.Values, file));
            }

            return code;
        });
        return verb;
    }

    private static TestTimeAugmentation Augmentation(string[] names, double[]? scales, bool keep)
    {
        var augmentation = TestTimeAugmentation.Parse(names) with { KeepViews = keep };
        if (scales is { Length: > 0 } && !augmentation.Chosen.Contains("multi-scale"))
        {
            throw new UsageException("--tta-scales says the sizes of multi-scale, which --tta does not name; add --tta multi-scale.");
        }

        return keep && augmentation.IsOff
            ? throw new UsageException("--keep-views keeps the views of test-time augmentation, and --tta is none; name one.")
            : scales is { Length: > 0 } ? augmentation with { Scales = [.. scales] } : augmentation;
    }

    private static (int? Size, bool Fit) BatchSize(string? given) => given switch
    {
        null => (null, false),
        "auto" => (null, true),
        _ when int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 => (size, false),
        _ => throw new UsageException($"--batch-size is {given}, where auto or a whole number above 0 is expected."),
    };

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
