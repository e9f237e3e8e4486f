using System.CommandLine;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Machine;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;
using SketchFlow.Pipeline.Training.Planning;
using SketchFlow.Reports.Plots;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The output of <c>train --dry-run</c>.</summary>
internal static class TrainPlan
{
    /// <summary>Prints a plan.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="isCpu">Whether the memory of the machine is the one that limits the training.</param>
    public static void Print(ParseResult parsed, TrainingPlan plan, bool isCpu)
    {
        Console.WriteLine($"Plan of the run {plan.Folder.Name}: nothing is trained, downloaded or stored.");
        var table = new TerminalTable().Text("").Text("");
        foreach (var (name, text) in TrainPlanText.Lines(plan, DateTime.Now))
        {
            table.Row(new TableCell(name, CellStyle.Bold), text);
        }

        table.Print();
        if (isCpu && TrainPlanText.FindMemoryWarning(plan, SystemMemory.FreeBytes) is { } warning)
        {
            Console.WriteLine(warning);
        }

        CommonOptions.PrintJson(parsed, new
        {
            run = plan.Folder.Name,
            architecture = plan.Recipe.Architecture,
            images = plan.Schedule.Images,
            validation_images = plan.Validation,
            classes = plan.Data.Classes.Length,
            parameters = plan.Parameters,
            weights = plan.Weights,
            epochs = plan.Epochs,
            trainings = plan.Trainings,
            steps_per_epoch = plan.Schedule.StepsPerEpoch,
            steps = plan.Schedule.Rates.Length,
            first_rate = plan.Schedule.Rates[0],
            peak_rate = plan.Schedule.Rates.Max(),
            last_rate = plan.Schedule.Rates[^1],
            step_seconds = plan.Timing?.Seconds,
            epoch_seconds = plan.TrainSeconds + plan.ValidationSeconds,
            seconds = plan.Duration?.TotalSeconds,
            dropped_images = plan.Dropped,
            seed = plan.Recipe.Seed,
            optimizer = plan.Recipe.Optimizer.Name,
            schedule = plan.Recipe.Schedule.Name,
            loss = plan.Recipe.Loss.Name,
            augmentation = plan.Recipe.Augmentation.Select(t => t.Name),
            memory_bytes = plan.Memory.Total,
            activation_bytes = plan.Memory.Activations,
            optimizer_bytes = plan.Memory.Optimizer,
            folder = plan.Folder.Folder,
        });
    }

    /// <summary>Prints the whole recipe, the flow and the schedule, and plots the schedule.</summary>
    public static int PrintFull(ParseResult parsed, Recipe recipe, DataSet data, RunFolder folder, ComputeDevice device)
    {
        var shown = TrainingPlanner.FirstFold(recipe);
        var setup = new TrainingSetup(shown, data, CommonOptions.Context(parsed, device));
        setup.Check();
        var schedule = setup.ComputeSchedule();
        // Not WriteLine, which breaks long lines between words: this is YAML.
        Console.Write(RecipeFile.Write(shown).TrimEnd() + "\n");
        Console.WriteLine($"flow: {setup.DescribeBatches(0)}");
        foreach (var line in schedule.Describe(shown))
        {
            Console.WriteLine(line);
        }

        var picture = Path.Combine(CommonOptions.ArtifactsOf(parsed).Reports, $"{folder.Name}-schedule.png");
        Directory.CreateDirectory(Path.GetDirectoryName(picture)!);
        SchedulePlot.Draw(picture, $"{shown.Architecture}: {shown.Schedule.Name}, {schedule.Rates.Length} steps", schedule.Rates, schedule.StepsPerEpoch);
        Console.WriteLine($"learning-rate schedule: {picture}");
        CommonOptions.PrintJson(parsed, new
        {
            images = schedule.Images,
            steps_per_epoch = schedule.StepsPerEpoch,
            steps = schedule.Rates.Length,
            first_rate = schedule.Rates[0],
            peak_rate = schedule.Rates.Max(),
            last_rate = schedule.Rates[^1],
            picture,
        });
        return ExitCode.Done;
    }
}
