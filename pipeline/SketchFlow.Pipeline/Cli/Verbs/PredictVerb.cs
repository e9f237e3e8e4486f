using System.CommandLine;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>predict</c>: writes the logits of validation and test images, and a submission.</summary>
[Verb(
    "predict",
    "Predict the validation and test images with trained runs: writes logits and a submission.",
    Order = 20,
    Examples =
    [
        "sketchflow predict --run resnet18-my-data-1 --data my-data",
        "sketchflow predict --run all --tta hflip",
        "sketchflow predict --batch-size auto",
    ])]
public sealed class PredictVerb : Verb
{
    private const string Instead =
        "sketchflow classify takes anything trained, and sketchflow ensemble --from NAME writes the submission of a saved ensemble.";

    private readonly Option<string[]> _runs = new("--run", "--model", "--name")
    {
        HelpName = "name",
        Description = "Runs to predict with, or all; default: the newest.",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<double[]> _scales = new("--tta-scales")
    {
        HelpName = "scale",
        Description = "Image sizes for multi-scale, relative to the model's own; default: 0.875 1 1.125.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _keepViews = new("--keep-views") { Description = "Also write the logits of every view, in tables below views/RUN/." };

    private readonly Option<InferenceEngine> _engine = new("--engine")
    {
        Description = "Library that computes the logits: torch (libtorch), or onnx (ONNX Runtime, on a CPU in float32). Both agree within rounding; all tables "
            + "of a run must be from one engine.",
        DefaultValueFactory = _ => InferenceEngine.Torch,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        _runs, CommonOptions.DataOfRun, InferenceOptions.Augmentation, _engine, InferenceOptions.Half, InferenceOptions.BatchSize, RecipeOptions.ImageSize,
        CommonOptions.Device, CommonOptions.Set, _scales, _keepViews, RecipeOptions.Workers, RecipeOptions.Threads, CommonOptions.Amp,
        CommonOptions.Artifacts, CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(
        cancellation => Predict(parsed, cancellation),
        () => "Interrupted. The tables and submissions named above are complete, and no other file was changed; the same command predicts all again.");

    private int Predict(ParseResult parsed, CancellationToken cancellation)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var augmentation = Augmentation(parsed);
        var (batch, fits) = InferenceOptions.ReadBatchSize(parsed);
        InferenceOptions.CheckPrecision(parsed);
        var engine = ReadEngine(parsed);
        string[] overrides = [.. CommonOptions.RunOverrides(parsed), .. RecipeOverride.Optional("batch_size", batch), .. CommonOptions.Settings(parsed)];
        var results = new PredictionResults([], new(StringComparer.Ordinal), []);
        var runs = ChosenRuns(artifacts, parsed.GetValue(_runs)!);
        var failed = new List<string>();
        foreach (var run in runs)
        {
            try
            {
                PredictRun(parsed, run, new PredictionSettings(artifacts, overrides, augmentation, fits, engine), results, cancellation);
            }
            catch (Exception e) when (runs.Count > 1 && e is not (OperationCanceledException or OutOfMemoryException))
            {
                failed.Add(run.Name);
                Warn($"{run.Name} is not predicted: {e.Message}");
                results.Rows.Add(new { run = run.Name, error = e.Message });
            }
        }

        if (failed.Count > 0)
        {
            Warn($"{failed.Count} of {runs.Count} runs were not predicted: {string.Join(", ", failed)}.");
        }

        if (runs.Count > 1)
        {
            Log($"{runs.Count - failed.Count} of {runs.Count} runs predicted; combine them with 'sketchflow ensemble'.");
        }

        CommonOptions.PrintJson(parsed, results.Rows);
        var code = results.Rejected.Aggregate(ExitCode.Done, (code, file) => Math.Max(code, SaveRejections(file.Key, file.Value.Values)));
        return failed.Count > 0 ? ExitCode.Failed : code;
    }

    private InferenceEngine ReadEngine(ParseResult parsed)
    {
        var engine = parsed.GetValue(_engine);
        return engine == InferenceEngine.Onnx && (parsed.GetValue(InferenceOptions.Half) || parsed.GetValue(CommonOptions.Amp) is not null)
            ? throw new UsageException("--engine onnx computes in float32; leave out --half and --amp.")
            : engine;
    }

    private static void PredictRun(ParseResult parsed, RunFolder run, PredictionSettings settings, PredictionResults results, CancellationToken cancellation)
    {
        DataSet? data = null;
        var tests = new List<LogitsTable>();
        foreach (var part in run.Trained)
        {
            var recipe = part.Read(settings.Overrides);
            var device = DeviceChoice.Resolve(settings.Engine == InferenceEngine.Onnx && recipe.Device == "auto" ? "cpu" : recipe.Device);
            if (settings.Engine == InferenceEngine.Onnx && device.IsCuda)
            {
                throw new RefusalException("--engine onnx computes on the CPU; add --device cpu, or use --engine torch.");
            }

            recipe = parsed.GetValue(InferenceOptions.Half) ? recipe with { Amp = device.IsCuda ? AmpMode.Fp16 : AmpMode.Bf16 } : recipe;
            data ??= OpenOnce(recipe.Data, settings.Artifacts, results.Described);
            Log($"run {part.Name}: {recipe.Architecture} on {data}");
            var context = CommonOptions.Context(parsed, device) with { Engine = settings.Engine };
            using var job = new PredictJob(part, recipe, data, settings.Artifacts, context, settings.Augmentation);
            PrintBatch(settings.FitsBatch ? job.FitBatch() : null);
            job.Notes().ToList().ForEach(Log);
            foreach (var split in job.Run(cancellation))
            {
                if (split.Split == RunLogits.Test)
                {
                    tests.Add(split.Table);
                }

                PrintSplit(split);
                Collect(results.Rejected, split, settings.Artifacts.Rejections(data.Name, split.Split));
                results.Rows.Add(JsonRow(run, part, split));
            }

            Log(job.Temperature is { } temperature
                ? $"calibration: temperature {temperature:0.###}{Limit(temperature)}"
                    + $"{(job.Identity.Temperature is null ? ", fitted on these validation images" : "")}"
                : $"{part.Name} is not calibrated: there are no validation logits to fit a temperature on.");
        }

        WriteSubmission(settings.Artifacts, tests, data!);
    }

    // Several runs of one data set would name the same unused files again.
    private static DataSet OpenOnce(DataRecipe recipe, Artifacts artifacts, HashSet<(string Name, string NotUsed)> described)
    {
        var data = CommonOptions.OpenData(recipe, artifacts, quiet: true);
        if (described.Add((data.Name, data.NotUsed)))
        {
            CommonOptions.PrintNotUsed(data);
        }

        return data;
    }

    private static void WriteSubmission(Artifacts artifacts, List<LogitsTable> tests, DataSet data)
    {
        if (tests.Count == 0)
        {
            Log($"{data.Name} has no test images, so no submission was written.");
            return;
        }

        if (data.SubmissionFault.Length > 0)
        {
            throw new RefusalException($"{data.SubmissionFault} The logits are written, and no submission; correct the sample submission, or remove it.");
        }

        var (path, notes) = new PredictionStore(artifacts).WriteSubmission(tests, data);
        notes.ToList().ForEach(Warn);
        Log($"submission: {path}{(data.Submission is { } format ? $" ({format.Describe()})" : "")}");
    }

    private static string Limit(double temperature) => temperature switch
    {
        Temperature.Highest => " (upper limit; the model is close to chance)",
        Temperature.Lowest => " (lower limit; the model has every validation image right)",
        _ => "",
    };

    /// <summary>Settings that all runs of one command share.</summary>
    private sealed record PredictionSettings(
        Artifacts Artifacts, string[] Overrides, TestTimeAugmentation Augmentation, bool FitsBatch, InferenceEngine Engine);

    /// <summary>
    /// Rows of the JSON output; the rejected images by file, since all runs and folds reject the same images of a split; and the data sets whose unused
    /// files were named.
    /// </summary>
    private sealed record PredictionResults(
        List<object> Rows, SortedDictionary<string, SortedDictionary<long, Rejected>> Rejected, HashSet<(string Name, string NotUsed)> Described);

    private static int SaveRejections(string file, IReadOnlyCollection<Rejected> rejected)
    {
        RejectionStore.Write(file, rejected);
        return CommonOptions.PrintRejections(rejected, file);
    }

    private static void Collect(SortedDictionary<string, SortedDictionary<long, Rejected>> rejected, SplitPrediction split, string file)
    {
        var images = rejected[file] = rejected.GetValueOrDefault(file) ?? [];
        foreach (var image in split.Rejected)
        {
            images[image.Id] = image;
        }
    }

    private static object JsonRow(RunFolder run, RunFolder part, SplitPrediction split) => new
    {
        run = run.Name,
        fold = part.Fold,
        split = split.Split,
        rows = split.Rows,
        accuracy = split.Accuracy,
        accuracy_without_tta = split.PlainAccuracy,
        rejected = split.Rejected.Length,
        path = split.Path,
    };

    private static void PrintBatch((int Size, long BytesPerImage)? batch)
    {
        if (batch is { } found)
        {
            Log($"{found.Size} images per batch{(found.BytesPerImage > 0 ? $", {found.BytesPerImage / 1e6:0.0} MB per image" : "")}");
        }
    }

    private static void PrintSplit(SplitPrediction split) => Log(
        $"{split.Split}: {split.Rows} rows = {split.Rows - split.Rejected.Length} predicted + {split.Rejected.Length} rejected"
        + (split.Accuracy is { } accuracy ? $", accuracy {Percent.Text(accuracy)}" : "")
        + (split.PlainAccuracy is { } plain ? $" (without test-time augmentation {Percent.Text(plain)})" : "") + $"; {split.Path}");

    private TestTimeAugmentation Augmentation(ParseResult parsed)
    {
        var (scales, keep) = (parsed.GetValue(_scales), parsed.GetValue(_keepViews));
        var augmentation = TestTimeAugmentation.Parse(parsed.GetValue(InferenceOptions.Augmentation)!) with { KeepViews = keep };
        if (scales is { Length: > 0 } && !augmentation.Chosen.Contains("multi-scale"))
        {
            throw new UsageException("--tta-scales sets the sizes of multi-scale, which --tta does not name; add --tta multi-scale.");
        }

        return keep && augmentation.IsOff
            ? throw new UsageException("--keep-views writes the views of test-time augmentation, which is off; add --tta.")
            : scales is { Length: > 0 } ? augmentation with { Scales = [.. scales] } : augmentation;
    }

    private IReadOnlyList<RunFolder> ChosenRuns(Artifacts artifacts, string[] names)
    {
        var known = new TrainedModelNames(artifacts, _runs.Name);
        var all = known.TrainedRuns();
        return names switch
        {
            [] => [all[0]],
            ["all"] => all,
            _ => [.. names.Select(name => known.FindRun(name, Instead))],
        };
    }
}
