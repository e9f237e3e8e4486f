using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow train</c>.</summary>
    private static Command Train()
    {
        var run = new Option<string?>("--run") { Description = "Name of the run; by default model-dataset-1, -2, …" };
        var epochs = new Option<int?>("--epochs") { Description = "Passes over the training images; by default the recipe's." };
        var folds = new Option<int?>("--folds") { Description = "Stratified cross validation over so many folds, one model each, with out-of-fold logits of all training images." };
        var fold = new Option<int?>("--fold") { Description = "Train only this fold, from 0." };
        var resume = new Option<bool>("--resume")
        {
            Description = "Go on with the run of that name where it was stopped or killed, or begin it where there is none; without --run, the newest that has not ended. Without --model, by its own recipe.",
        };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a run of the same name." };
        var weights = new Option<string?>("--weights")
        {
            Description = "Start from this file, under timm's names: safetensors, a sharded index, a PyTorch checkpoint (.pth, .bin), or a folder with one.",
        };
        var pretrained = new Option<string?>("--pretrained")
        {
            Description = "Start from timm's weights of this tag, or its default one; --model MODEL.TAG does the same. They are downloaded once ('sketchflow models pull').",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var verb = new Command("train", "Train a model; without --data on a small built-in data set.")
        {
            CommonOptions.Model, pretrained, weights, CommonOptions.Data, run, epochs, folds, fold, resume, overwrite, DryRun, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Set, CommonOptions.Track, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var (goesOn, replaces) = (parsed.GetValue(resume), parsed.GetValue(overwrite));
            if (goesOn && replaces)
            {
                throw new UsageException("--resume goes on with a run and --overwrite replaces it; give one of them.");
            }

            var tag = parsed.GetResult(pretrained) is null ? null : parsed.GetValue(pretrained) ?? "default";
            string[] more =
            [
                .. CommonOptions.Setting("weights", CommonOptions.Existing(parsed.GetValue(weights), "--weights")),
                .. CommonOptions.Setting("pretrained", tag),
                .. parsed.GetValue(folds) is { } k ? [string.Create(CultureInfo.InvariantCulture, $"data.folds={k}")] : Array.Empty<string>(),
                .. parsed.GetValue(fold) is { } one ? [string.Create(CultureInfo.InvariantCulture, $"data.fold={one}")] : Array.Empty<string>(),
            ];
            var named = parsed.GetValue(run) is { } given ? artifacts.Run(given) : goesOn ? Unfinished(artifacts) : null;
            var known = named is not null && File.Exists(named.Recipe);
            var ofRun = goesOn && known && parsed.GetResult(CommonOptions.Model) is null or { Implicit: true };
            var (name, recipe, device) = ofRun
                ? CommonOptions.RecipeOfRun(parsed, named!, parsed.GetValue(epochs), more)
                : CommonOptions.Recipe(parsed, parsed.GetValue(epochs), more);

            // A model that cannot be had is refused before weights are fetched and images are read; the number of classes plays no part in that.
            _ = RecipeModel.Build(recipe, classes: 2);
            if (!ofRun && !parsed.GetValue(DryRun))
            {
                recipe = InitialWeights.Resolve(recipe, CommonOptions.Context(device), interruption.Token);
            }

            var data = DataSource.Open(recipe.Data.Path, artifacts, Environment.ProcessorCount, Progress.Open);
            recipe = recipe with { Data = recipe.Data with { Path = data.Root } };
            var folder = named ?? artifacts.Run(artifacts.NewName(name, data.Name));
            if (parsed.GetValue(DryRun))
            {
                // Of folds the first stands for all.
                var shown = recipe.Data is { Folds: > 0, Fold: null } ? recipe with { Data = recipe.Data with { Fold = 0 } } : recipe;
                return ShowPlan(parsed, shown, new TrainingSetup(shown, data, CommonOptions.Context(device)), Path.Combine(artifacts.Reports, $"{folder.Name}-schedule.png"));
            }

            Reserve(folder, recipe, goesOn, replaces);
            Log($"run {folder.Name}");
            using var trackers = Trackers.Create(parsed.GetValue(CommonOptions.Track)!, Warn);
            var context = CommonOptions.Context(device) with { Observers = trackers.Observers };
            try
            {
                if (recipe.Data.Folds == 0)
                {
                    return Finish(parsed, folder, recipe, new ResumableTraining(data, context).Run(recipe, folder, goesOn, interruption.Token));
                }

                return Finish(parsed, folder, recipe, new CrossValidationJob(data, artifacts, context).Run(recipe, folder, goesOn, interruption.Token), data.Train.Length);
            }
            catch (OperationCanceledException)
            {
                Log(File.Exists(folder.Last)
                    ? $"Interrupted; {folder.Last} holds the weights of this moment, and --run {folder.Name} --resume goes on from here."
                    : $"Interrupted; --run {folder.Name} --resume goes on from here.");
                return ExitCode.Interrupted;
            }
        });
        return verb;
    }

    // The newest run whose resume files, or whose folds', do not say that it has ended.
    private static RunFolder Unfinished(Artifacts artifacts)
    {
        bool HasEnded(RunFolder run) => File.Exists(run.Soup) || (run.Folds is { Count: > 0 } parts
            ? parts.Count == run.Read().Data.Folds && parts.All(HasEnded)
            : ResumeFiles.FindLatest(run.Resume, Log)?.State.End is not null);
        return (Directory.Exists(artifacts.Runs) ? Directory.EnumerateDirectories(artifacts.Runs) : [])
            .Select(d => new RunFolder(d)).Where(r => File.Exists(r.Recipe)).OrderByDescending(r => File.GetLastWriteTimeUtc(r.Recipe)).ThenBy(r => r.Name, StringComparer.Ordinal)
            .FirstOrDefault(r => !HasEnded(r))
            ?? throw new RefusalException($"All runs in {artifacts.Runs} have ended, so there is none to resume; name one by --run to begin it.");
    }

    private static void Reserve(RunFolder folder, Recipe recipe, bool resume, bool overwrite)
    {
        if (File.Exists(folder.Folder))
        {
            throw new RefusalException($"{folder.Folder} is a file; choose another --run.");
        }

        if (!Directory.Exists(folder.Folder))
        {
            return;
        }

        if (resume)
        {
            if (File.Exists(folder.Soup))
            {
                throw new RefusalException($"The run {folder.Name} is a soup and was not trained, so it cannot be resumed; choose another --run.");
            }

            if (File.Exists(folder.Recipe))
            {
                RecipeCompatibility.Check(folder, folder.Read(), recipe);
            }

            return;
        }

        var target = recipe.Data.Fold is { } fold ? folder.ForFold(fold) : folder;
        if (overwrite)
        {
            if (Directory.Exists(target.Folder))
            {
                RunLock.Acquire(target).Dispose();
                Directory.Delete(target.Folder, recursive: true);
            }

            return;
        }

        // One more fold of a run that has others is no second run.
        if (recipe.Data.Fold is null || Directory.Exists(target.Folder) || !File.Exists(folder.Recipe))
        {
            throw new RefusalException($"The run {target.Name} exists already; choose another --run, go on with it by --resume, or --overwrite it.");
        }

        RecipeCompatibility.Check(folder, folder.Read(), recipe);
    }

    private static int Finish(ParseResult parsed, RunFolder folder, Recipe recipe, TrainReport report)
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

        var best = report.Best!;
        var (loss, accuracy) = best.Selected(recipe.Stopping.Metric);
        Log($"best: epoch {best.Epoch}, validation accuracy {100 * accuracy:0.00} %, loss {loss:0.0000}; {folder.Best}");
        CommonOptions.PrintJson(parsed, new
        {
            run = folder.Name,
            epochs = report.Epochs.Length,
            best_epoch = best.Epoch,
            val_accuracy = accuracy,
            val_loss = loss,
            images_per_second = report.Timings.Select(t => t.ImagesPerSecond).DefaultIfEmpty().Average(),
            rejected = report.Rejected.Length,
        });
        return report.WasComplete ? ExitCode.Done : CommonOptions.ReportRejections(report.Rejected, folder.Rejections);
    }

    private static int Finish(ParseResult parsed, RunFolder folder, Recipe recipe, CrossValidationReport report, int images)
    {
        double[] accuracies = [.. report.Folds.Select(f => f.Report.Best!.Selected(recipe.Stopping.Metric).Accuracy)];
        var mean = accuracies.Average();
        var deviation = accuracies.Length > 1 ? Math.Sqrt(accuracies.Sum(a => (a - mean) * (a - mean)) / (accuracies.Length - 1)) : 0;
        Log($"{accuracies.Length} fold(s): validation accuracy {100 * mean:0.00} % on average, standard deviation {100 * deviation:0.00}; {folder.FoldMetrics}");
        if (report.OutOfFold is { } all)
        {
            Log($"out of fold, all {images} training images: {all}");
        }

        CommonOptions.PrintJson(parsed, new
        {
            run = folder.Name,
            folds = report.Folds.Select(f => new { fold = f.Fold, epochs = f.Report.Epochs.Length, best_epoch = f.Report.Best!.Epoch, val_accuracy = f.Report.Best.Selected(recipe.Stopping.Metric).Accuracy }),
            val_accuracy = report.OutOfFold?.Accuracy ?? mean,
            val_loss = report.OutOfFold?.LogLoss,
        });
        if (report.Folds.All(f => f.Report.WasComplete))
        {
            return ExitCode.Done;
        }

        return CommonOptions.ReportRejections([.. report.Folds.SelectMany(f => f.Report.Rejected).DistinctBy(r => r.Id).OrderBy(r => r.Id)], folder.Rejections);
    }

    private static void Log(string line) => System.Console.WriteLine(line);
}
