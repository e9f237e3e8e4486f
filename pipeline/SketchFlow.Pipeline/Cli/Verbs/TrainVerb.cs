using System.CommandLine;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Experiments;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Replacing;
using SketchFlow.Pipeline.Tracking;
using SketchFlow.Pipeline.Training;
using SketchFlow.Pipeline.Training.Planning;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>train</c>: trains a model or resumes a training, or prints its plan.</summary>
[Verb(
    "train",
    "Train a model; without --data on a small built-in data set.",
    Order = 10,
    Examples =
    [
        "sketchflow train --data my-data --epochs 5",
        "sketchflow train --data my-data --model resnet18 --batch-size 32 --lr 1e-3",
        "sketchflow train --data my-data --model resnet50.a1_in1k --folds 5",
        "sketchflow train --resume",
    ])]
public sealed class TrainVerb : Verb
{
    private readonly Option<string?> _run = new("--run", "--name", "--experiment")
    {
        Description = "Name of the run; default: model-dataset-1, -2, …",
        HelpName = "name",
    };

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Resume the run named by --run, or start it with --model if it does not exist. Without --run: resume the newest unfinished run. "
            + "Without --model: use the run's own recipe.",
    };

    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace a run of the same name." };

    private readonly Option<string?> _refit = new("--refit")
    {
        HelpName = "name",
        Description = "Train a run again on all labelled images, validation images included. Uses the recipe, number of epochs and temperature of that run. "
            + "There is no validation; the accuracy of that run is reported as the estimate. Also the name of a sweep (its best trial) or of an "
            + "ensemble (its members). Default name: NAME-refit.",
    };

    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Do not train: print a plan with the images, the recipe and why it was chosen, weights, memory, three timed steps and the time in all. "
            + "Writes and downloads nothing.",
    };

    private readonly Option<bool> _full = new("--full")
    {
        Description = "With --dry-run: print the whole recipe, the flow and the schedule instead, and plot the learning rate to reports/NAME-schedule.png.",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        CommonOptions.Model, CommonOptions.Data, RecipeOptions.Epochs, RecipeOptions.BatchSize, RecipeOptions.LearningRate, RecipeOptions.ImageSize,
        RecipeOptions.Augmentation, _run, CommonOptions.Device, CommonOptions.Set,
        _dryRun, _full, _resume, _overwrite, RecipeOptions.Pretrained, RecipeOptions.Weights, CommonOptions.BaseRecipe, RecipeOptions.Folds, RecipeOptions.Fold,
        RecipeOptions.SampleWeights, _refit, RecipeOptions.Seed, RecipeOptions.Workers, RecipeOptions.Threads, CommonOptions.Amp, CommonOptions.Track,
        CommonOptions.Artifacts, CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(
        cancellation => Train(parsed, cancellation), () => "Interrupted before training started; no run was made or changed. The same command starts again.");

    private int Train(ParseResult parsed, CancellationToken cancellation)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var (resumes, replaces) = (parsed.GetValue(_resume), parsed.GetValue(_overwrite));
        if (resumes && replaces)
        {
            throw new UsageException("--resume continues a run and --overwrite replaces it; give only one of them.");
        }

        if (parsed.GetValue(_refit) is { } refitted)
        {
            return Refit(parsed, refitted, artifacts, cancellation);
        }

        var named = parsed.GetValue(_run) is { } given ? artifacts.Run(Artifacts.CheckNewRun(given, "--run"))
            : resumes ? RunReservation.LatestUnfinished(artifacts, Log) : null;
        var ofRun = resumes && named is not null && !CommonOptions.IsRecipeGiven(parsed);
        if (ofRun && !File.Exists(named!.Recipe))
        {
            throw RunReservation.NothingToResume(named);
        }

        var isPlan = parsed.GetValue(_dryRun);
        var choice = new List<string>();
        var (name, recipe, device) = ofRun
            ? CommonOptions.RecipeOfRun(parsed, named!, parsed.GetValue(RecipeOptions.Epochs), Overrides(parsed))
            : CommonOptions.RecipeNamed(
                parsed, null, parsed.GetValue(RecipeOptions.Epochs), isPlan && !parsed.GetValue(_full) ? choice.Add : Log, Overrides(parsed));

        // Refuses an impossible model before weights are downloaded and images are read.
        if (!ofRun)
        {
            TrainingChecks.CheckModel(recipe);
        }

        if (!ofRun && !isPlan)
        {
            recipe = InitialWeights.Resolve(recipe, CommonOptions.Context(parsed, device), cancellation);
        }

        var data = CommonOptions.OpenData(recipe.Data, artifacts, quiet: isPlan && !parsed.GetValue(_full));
        recipe = recipe with
        {
            Data = recipe.Data with { Path = data.Root, SampleWeights = recipe.Data.SampleWeights is { } weights ? Path.GetFullPath(weights) : null },
        };
        var folder = named ?? artifacts.Run(artifacts.NewName(name, data.Name));
        if (isPlan)
        {
            choice.AddRange(
                ofRun ? [$"That of the run {folder.Name}, which is resumed."]
                : parsed.GetResult(CommonOptions.Model) is null or { Implicit: true } ? [$"Chosen because no --model is given."] : Array.Empty<string>());
            return PrintPlan(parsed, recipe, data, folder, choice, cancellation);
        }

        // The training describes the split again; this check only refuses.
        new TrainingSetup(TrainingPlanner.FirstFold(recipe), data, CommonOptions.Context(parsed, device) with { Log = _ => { } }).Check(isResumed: ofRun);
        var replacement = RunReservation.Reserve(folder, recipe, resumes, replaces);
        Log($"run {folder.Name}");
        return Train(parsed, recipe, data, folder, device, replacement, cancellation);
    }

    private int Refit(ParseResult parsed, string name, Artifacts artifacts, CancellationToken cancellation)
    {
        if (CommonOptions.IsRecipeGiven(parsed) || parsed.GetValue(_resume) || Overrides(parsed).Length > 0
            || parsed.GetValue(RecipeOptions.Epochs) is not null)
        {
            throw new UsageException(
                "--refit repeats a run with its own model, weights, epochs and images; leave --model, --recipe, --weights, --pretrained, --epochs, --folds, "
                + "--fold, --sample-weights and --resume out. Continue an interrupted refit with train --run NAME-refit --resume.");
        }

        var sources = RefitSources.Find(artifacts, name, Log);
        var given = parsed.GetValue(_run);
        if (given is not null && sources.Count > 1)
        {
            throw new UsageException($"--run names one run, but {name} has {sources.Count} members to refit; leave --run out.");
        }

        var code = ExitCode.Done;
        foreach (var source in sources)
        {
            var estimate = RefitEstimate.Read(source);
            string[] overrides = [.. CommonOptions.RunOverrides(parsed), .. CommonOptions.Settings(parsed)];
            var stored = (source.Folds is [var first, ..] ? first : source).Read(overrides);
            var recipe = estimate.ToRecipe(stored);
            var data = CommonOptions.OpenData(recipe.Data, artifacts, quiet: parsed.GetValue(_dryRun) && !parsed.GetValue(_full));
            recipe = recipe with { Data = recipe.Data with { Path = data.Root } };
            RefitEstimate.CheckData(source, data).ToList().ForEach(Log);
            var (folder, device) = (artifacts.Run(Artifacts.CheckNewRun(given ?? $"{source.Name}-refit", "--run")), DeviceChoice.Resolve(recipe.Device));
            if (parsed.GetValue(_dryRun))
            {
                code = Math.Max(code, PrintPlan(parsed, recipe, data, folder, [$"That of the run {source.Name}, which is refitted."], cancellation));
                continue;
            }

            if (folder.Name == source.Name)
            {
                throw new UsageException($"The refit of {source.Name} cannot replace the run that estimates it; choose another --run.");
            }

            var replacement = RunReservation.Reserve(folder, recipe, resume: false, parsed.GetValue(_overwrite));
            Log($"run {folder.Name}: {source.Name} on all {data.Train.Length + data.Validation.Length} labelled images, "
                + $"{TrainingProgress.LastEpoch(recipe)} of {recipe.Epochs} epochs");
            code = Math.Max(code, Train(parsed, recipe, data, folder, device, replacement, cancellation));
            if (code == ExitCode.Interrupted)
            {
                break;
            }
        }

        return code;
    }

    private static string[] Overrides(ParseResult parsed) =>
    [
        .. RecipeOverride.Optional("weights", CommonOptions.Existing(parsed.GetValue(RecipeOptions.Weights), "--weights")),
        .. RecipeOverride.Optional("pretrained", parsed.GetValue(RecipeOptions.Pretrained)),
        .. RecipeOverride.Optional("data.sample_weights", CommonOptions.Existing(parsed.GetValue(RecipeOptions.SampleWeights), "--sample-weights")),
        .. RecipeOverride.Optional("data.folds", parsed.GetValue(RecipeOptions.Folds)),
        .. RecipeOverride.Optional("data.fold", parsed.GetValue(RecipeOptions.Fold)),
    ];

    // The parameters are the results of the checks before, which have no other use in common.
    private int Train(
        ParseResult parsed, Recipe recipe, DataSet data, RunFolder folder, ComputeDevice device, Replacement? replacement, CancellationToken cancellation)
    {
        var resumes = parsed.GetValue(_resume);
        using var trackers = Trackers.Create(parsed.GetValue(CommonOptions.Track)!, Warn);
        var context = CommonOptions.Context(parsed, device) with { Observers = trackers.Observers };
        try
        {
            return recipe.Data.Folds == 0
                ? PrintReport(
                    parsed, folder, recipe,
                    new ResumableTraining(data, context) { Replacement = replacement }.Run(recipe, folder, resumes, cancellation))
                : PrintFolds(
                    parsed, folder, recipe,
                    new CrossValidationJob(data, CommonOptions.ArtifactsOf(parsed), context) { Replacement = replacement }
                        .Run(recipe, folder, resumes, cancellation));
        }
        catch (OperationCanceledException)
        {
            Log(replacement is { IsComplete: false }
                ? $"Interrupted before the first epoch of the new run {folder.Name}."
                : $"Interrupted.{(File.Exists(folder.Last) ? $" The current weights are in {folder.Last}." : "")} Continue with: --run {folder.Name} --resume");
            return ExitCode.Interrupted;
        }
    }

    private int PrintPlan(
        ParseResult parsed, Recipe recipe, DataSet data, RunFolder folder, IEnumerable<string> choice, CancellationToken cancellation)
    {
        var device = DeviceChoice.Resolve(recipe.Device);
        if (parsed.GetValue(_full))
        {
            return TrainPlan.PrintFull(parsed, recipe, data, folder, device);
        }

        var plan = new TrainingPlanner(data, CommonOptions.Context(parsed, device)).Plan(recipe, folder, choice, Changes(parsed), cancellation);
        TrainPlan.Print(parsed, plan, isCpu: !device.IsCuda);
        return ExitCode.Done;
    }

    // The settings of the command line, as the user wrote them.
    private static string[] Changes(ParseResult parsed) =>
    [
        .. parsed.GetValue(CommonOptions.Set)!, .. parsed.GetValue(RecipeOptions.Epochs) is { } epochs ? [$"epochs={epochs}"] : Array.Empty<string>(),
        .. Overrides(parsed).Concat(CommonOptions.RunOverrides(parsed)).Where(o => !o.StartsWith("data.path=", StringComparison.Ordinal)),
    ];

    private static int PrintReport(ParseResult parsed, RunFolder folder, Recipe recipe, TrainReport report)
    {
        var stopped = report.Reason is { } reason ? $" after {report.Epochs.Length} of {recipe.Epochs} epochs: {reason}" : "";
        if (report.WasComplete)
        {
            Log($"The run {folder.Name} is complete{(stopped.Length > 0 ? ", stopped" + stopped : $": {report.Epochs.Length} epochs")}.");
        }
        else if (stopped.Length > 0)
        {
            Log($"Stopped{stopped}.");
        }

        var measured = report.Best?.Selected(recipe.Stopping.Metric);
        var estimate = File.Exists(folder.Best) ? RunIdentity.Read(folder) : null;
        Log(measured is var (loss, accuracy)
            ? $"best: epoch {report.Best!.Epoch}, validation accuracy {Percent.Text(accuracy)}, loss {loss:0.0000}; {folder.Best}"
            : estimate?.EstimatedBy is { } estimator
                ? $"last epoch: {report.Epochs.Length}; estimated accuracy {Percent.Text(estimate.EstimatedAccuracy)}, measured on {estimator}; {folder.Best}"
                : $"last epoch: {report.Epochs.Length}; nothing measures this run; {folder.Best}");
        CommonOptions.PrintJson(parsed, new
        {
            run = folder.Name,
            epochs = report.Epochs.Length,
            best_epoch = report.Best?.Epoch,
            val_accuracy = measured?.Accuracy,
            val_loss = measured?.Loss,
            estimated_by = estimate?.EstimatedBy,
            estimated_val_accuracy = estimate?.EstimatedAccuracy,
            images_per_second = report.Timings.Select(t => t.ImagesPerSecond).DefaultIfEmpty().Average(),
            rejected = report.Rejected.Length,
        });
        if (report.WasComplete)
        {
            return ExitCode.Done;
        }

        RejectionStore.Write(folder.Rejections, report.Rejected);
        return CommonOptions.PrintRejections(report.Rejected, folder.Rejections);
    }

    private static int PrintFolds(ParseResult parsed, RunFolder folder, Recipe recipe, CrossValidationReport report)
    {
        double[] accuracies = [.. report.Folds.Select(f => f.Report.Best!.Selected(recipe.Stopping.Metric).Accuracy)];
        var mean = accuracies.Average();
        var deviation = accuracies.Length > 1 ? Math.Sqrt(accuracies.Sum(a => (a - mean) * (a - mean)) / (accuracies.Length - 1)) : 0;
        Log($"{Plural.Of(accuracies.Length, "fold")}: validation accuracy of the best epochs {Percent.Text(mean)} on average, "
            + $"standard deviation {100 * deviation:0.00} points; {folder.FoldMetrics}");
        if (report.OutOfFold is { } all)
        {
            Log($"out of fold, each image predicted by the network that did not learn from it: {all}");
        }

        CommonOptions.PrintJson(parsed, new
        {
            run = folder.Name,
            folds = report.Folds.Select(f => new
            {
                fold = f.Fold,
                epochs = f.Report.Epochs.Length,
                best_epoch = f.Report.Best!.Epoch,
                val_accuracy = f.Report.Best.Selected(recipe.Stopping.Metric).Accuracy,
            }),
            val_accuracy = report.OutOfFold?.Accuracy ?? mean,
            val_loss = report.OutOfFold?.LogLoss,
        });
        if (report.Folds.All(f => f.Report.WasComplete))
        {
            return ExitCode.Done;
        }

        Rejected[] rejected = [.. report.Folds.SelectMany(f => f.Report.Rejected).DistinctBy(r => r.Id).OrderBy(r => r.Id)];
        RejectionStore.Write(folder.Rejections, rejected);
        return CommonOptions.PrintRejections(rejected, folder.Rejections);
    }
}
