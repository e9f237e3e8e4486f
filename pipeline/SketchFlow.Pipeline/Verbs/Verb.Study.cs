using System.CommandLine;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Terminal;
using SketchFlow.Samples;

namespace SketchFlow.Pipeline.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow study …</c>: comparisons that take several trainings.</summary>
    private static Command Study()
    {
        var verb = new Command("study", "Compare settings by training each.");
        verb.Add(StudyAugmentations());
        return verb;
    }

    private static Command StudyAugmentations()
    {
        var epochs = new Option<int?>("--epochs") { Description = "Epochs of each training; by default the recipe's." };
        var settings = new Option<string[]>("--settings")
        {
            Description = "Augmentation presets; by default those of the report's table, and ours.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. AugmentationStudy.Settings],
        };
        var fresh = new Option<bool>("--fresh") { Description = "Train every setting anew, also those that an earlier study of the same recipe has finished." };
        var verb = new Command("augmentations", "Train a model under each augmentation preset and print the table: loss, accuracy, time; goes on where it was interrupted.")
        {
            Shared.Model, Shared.Data, epochs, settings, fresh, Shared.Device, Shared.Amp, Shared.Set, Shared.Artifacts, Shared.Json,
        };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var artifacts = Artifacts.At(parsed.GetValue(Shared.Artifacts));
            var (name, recipe, device) = Shared.Recipe(parsed, parsed.GetValue(epochs));
            var data = DataSource.Open(recipe.Data.Path, artifacts, Environment.ProcessorCount);
            var title = $"augmentations-{name}-{data.Name}";
            var (markdown, csv) = (Path.Combine(artifacts.Root, "reports", $"{title}.md"), Path.Combine(artifacts.Root, "reports", $"{title}.csv"));
            if (parsed.GetValue(fresh))
            {
                File.Delete(csv);
            }

            var study = new AugmentationStudy(
                setting =>
                {
                    var one = Shared.Recipe(parsed, parsed.GetValue(epochs), $"augmentation={setting}").Recipe;
                    return one with { Data = one.Data with { Path = data.Root } };
                },
                data,
                setting => artifacts.Run(artifacts.FreshName($"{name}-{setting}", data.Name)),
                device,
                Say);
            try
            {
                var rows = study.Run(parsed.GetValue(settings)!, markdown, csv, interruption.Token);
                System.Console.Write(AugmentationStudy.Markdown([.. rows]));
                Say($"{markdown}, {csv}");
                Shared.PrintJson(parsed, rows.Select(r => new { setting = r.Setting, val_loss = r.ValidationLoss, val_accuracy = r.ValidationAccuracy, seconds = r.Time.TotalSeconds, epochs = r.Epochs, run = r.Run }));
                return ExitCode.Done;
            }
            catch (OperationCanceledException)
            {
                Say(File.Exists(csv) ? $"Interrupted; {csv} has the settings that were finished, and the same command goes on with the others." : "Interrupted.");
                return ExitCode.Interrupted;
            }
        });
        return verb;
    }
}
