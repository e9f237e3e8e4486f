using System.CommandLine;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Training;
using SketchFlow.Reports.Plots;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    private static Option<bool> DryRun { get; } = new("--dry-run")
    {
        Description = "Train nothing: print the recipe, the flow and the steps, and draw the learning rate into reports/NAME-schedule.png.",
    };

    private static int ShowPlan(ParseResult parsed, Recipe recipe, TrainingSetup setup, string picture)
    {
        var plan = setup.ComputeSchedule();
        Log(RecipeFile.Write(recipe).TrimEnd());
        Log($"flow: {setup.DescribeBatches(0)}");
        foreach (var line in plan.Describe(recipe))
        {
            Log(line);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(picture)!);
        SchedulePlot.Draw(picture, $"{recipe.Architecture}: {recipe.Schedule.Kind}, {plan.Rates.Length} steps", plan.Rates, plan.StepsPerEpoch);
        Log($"schedule drawn: {picture}");
        CommonOptions.PrintJson(parsed, new { images = plan.Images, steps_per_epoch = plan.StepsPerEpoch, steps = plan.Rates.Length, first_rate = plan.Rates[0], peak_rate = plan.Rates.Max(), last_rate = plan.Rates[^1], picture });
        return ExitCode.Done;
    }
}
