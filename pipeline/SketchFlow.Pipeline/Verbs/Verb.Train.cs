using System.CommandLine;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Terminal;
using SketchFlow.Samples;

namespace SketchFlow.Pipeline.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow train</c>.</summary>
    private static Command Train()
    {
        var run = new Option<string?>("--run") { Description = "Name of the run; by default model-dataset-1, -2, …" };
        var epochs = new Option<int?>("--epochs") { Description = "Passes over the training images; by default the recipe's." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a run of the same name." };
        var verb = new Command("train", "Train a model; without --data on a small built-in data set.")
        {
            Shared.Model, Shared.Data, run, epochs, Shared.Device, Shared.Amp, Shared.Set, overwrite, DryRun, Shared.Artifacts, Shared.Json,
        };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var artifacts = Artifacts.At(parsed.GetValue(Shared.Artifacts));
            var (name, recipe, device) = Shared.Recipe(parsed, parsed.GetValue(epochs));
            var data = DataSource.Open(recipe.Data.Path, artifacts, Environment.ProcessorCount);
            recipe = recipe with { Data = recipe.Data with { Path = data.Root } };
            var folder = artifacts.Run(parsed.GetValue(run) ?? artifacts.FreshName(name, data.Name));
            if (parsed.GetValue(DryRun))
            {
                return ShowPlan(parsed, recipe, new TrainFlow(recipe, data, folder, device, Say), Path.Combine(artifacts.Reports, $"{folder.Name}-schedule.png"));
            }

            if (Directory.Exists(folder.Folder))
            {
                if (!parsed.GetValue(overwrite))
                {
                    throw new RefusalException($"The run {folder.Name} exists already; choose another --run, or --overwrite it.");
                }

                Directory.Delete(folder.Folder, recursive: true);
            }

            if (File.Exists(folder.Folder))
            {
                throw new RefusalException($"{folder.Folder} is a file; choose another --run.");
            }

            Say($"run {folder.Name}");
            TrainReport report;
            try
            {
                recipe = DataStatistics.Resolve(recipe, data, Say, interruption.Token);
                report = new TrainFlow(recipe, data, folder, device, Say).Run(interruption.Token);
            }
            catch (OperationCanceledException)
            {
                Say(File.Exists(folder.Last) ? $"Interrupted; {folder.Last} holds the weights of this moment." : "Interrupted.");
                return ExitCode.Interrupted;
            }

            if (report.StoppedEarly)
            {
                Say($"Stopped after {report.Epochs.Length} of {recipe.Epochs} epochs: no better for {recipe.Stopping.Patience}.");
            }

            Say($"best: epoch {report.Best!.Epoch}, validation accuracy {100 * report.Best.ValidationAccuracy:0.00} %, loss {report.Best.ValidationLoss:0.0000}; {folder.Best}");
            Shared.PrintJson(parsed, new
            {
                run = folder.Name,
                epochs = report.Epochs.Length,
                best_epoch = report.Best.Epoch,
                val_accuracy = report.Best.ValidationAccuracy,
                val_loss = report.Best.ValidationLoss,
                images_per_second = report.Epochs.Average(e => e.ImagesPerSecond),
                rejected = report.Rejected.Length,
            });
            return Shared.ReportRejections(report.Rejected, folder.Rejections);
        });
        return verb;
    }

    private static void Say(string line) => System.Console.WriteLine(line);
}
