using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Training.Planning;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The lines of <c>train --dry-run</c>.</summary>
internal static class TrainPlanText
{
    /// <summary>Describes a plan in about fifteen lines: a name and what it says.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="now">The time at which training would start.</param>
    public static ImmutableArray<(string Name, string Text)> Lines(TrainingPlan plan, DateTime now)
    {
        var recipe = plan.Recipe;
        var memory = plan.Memory;
        return
        [
            ("data", DescribeData(plan)),
            ("split", $"{plan.Train:N0} training and {plan.Validation:N0} validation images{DescribeSplit(plan)}; "
                + (recipe.Data.Group is { } group ? $"groups are kept together ({group})" : "images are not grouped (data.group)")),
            .. plan.SplitNotes.Select(note => ("", note)),
            ("left out", DescribeOmissions(plan)),
            .. plan.Data.Test.IsEmpty ? Array.Empty<(string, string)>() : [("submit", SubmissionText.Describe(plan.Data))],
            ("recipe", string.Join(' ', plan.Choice.Select(c => c.StartsWith("Recipe: ", StringComparison.Ordinal) ? c["Recipe: ".Length..] : c))),
            ("changed", plan.Changes.IsEmpty ? "no setting of the recipe" : string.Join(", ", plan.Changes)),
            ("model", plan.Model),
            ("weights", plan.Weights),
            ("training", $"{Plural.Of(plan.Epochs, "epoch")} × {plan.Schedule.StepsPerEpoch:N0} steps × "
                + $"{Math.Min(recipe.BatchSize, plan.Train)} images{(plan.Trainings > 1 ? $", for each of {plan.Trainings} folds" : "")}"
                + $"{DescribeDropped(plan)}; seed {recipe.Seed}"),
            ("rate", $"{recipe.Optimizer.Name}, {recipe.Schedule.Name}, peak learning rate "
                + $"{plan.Schedule.Rates.Max():0.0##e0}; weight decay {recipe.Optimizer.WeightDecay}"),
            ("loss", $"{recipe.Loss.Name}, label smoothing {recipe.Loss.LabelSmoothing}; {DescribeMixing(plan)}"),
            ("augment", recipe.Augmentation.IsEmpty ? "none" : string.Join(", ", recipe.Augmentation.Select(t => t.Name))),
            .. recipe.Schedule.FindProblem(recipe.Epochs) is { } problem ? [("", $"Warning: {problem}")] : Array.Empty<(string, string)>(),
            ("memory", $"about {Megabytes(memory.Total)} for a step: weights {Megabytes(memory.Weights)}, gradients {Megabytes(memory.Gradients)}, "
                + $"optimiser {Megabytes(memory.Optimizer)}, activations about {Megabytes(memory.Activations)}"),
            .. DescribeTime(plan, now),
            ("files", $"{plan.Folder.Folder} (weights, metrics.csv, curves); predictions and submissions next to runs/"),
            ("to start", "repeat the command without --dry-run (--dry-run --full prints the whole recipe)"),
        ];
    }

    /// <summary>Warns where the memory may not suffice; null otherwise.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="free">Free memory in bytes.</param>
    public static string? FindMemoryWarning(TrainingPlan plan, long free) => plan.Memory.Total > free
        ? $"Warning: a step needs about {Megabytes(plan.Memory.Total)}, and {Megabytes(free)} are free; use a smaller batch_size (see sketchflow batch-find)."
        : null;

    private static string DescribeDropped(TrainingPlan plan) => plan.Dropped switch
    {
        0 => "",
        1 => " (the last image of an epoch is dropped)",
        var many => $" (the last {many} images of an epoch are dropped)",
    };

    private static string DescribeMixing(TrainingPlan plan)
    {
        var (mixing, ema) = (plan.Recipe.Mixing, plan.Recipe.Ema);
        return $"{(mixing.IsOn ? $"Mixup {mixing.Mixup}, CutMix {mixing.Cutmix}" : "Mixup and CutMix off")}; {(ema.IsOn ? $"EMA {ema.Decay}" : "EMA off")}";
    }

    private static string DescribeData(TrainingPlan plan)
    {
        var data = plan.Data;
        var test = data.Test.IsEmpty ? "no test images" : $"{data.Test.Length:N0} test images";
        var labelled = data.Train.Length + data.Validation.Length;
        return $"{data.Name}: {labelled:N0} labelled images of {data.Classes.Length} classes{data.DescribeClassSizes()}; {test}";
    }

    private static string DescribeSplit(TrainingPlan plan)
    {
        var options = plan.Recipe.Data;
        return options.Folds > 0 ? $" in each of {options.Folds} folds"
            : plan.Validation == 0 ? ", so that nothing measures the run"
            : plan.Data.Validation.Length > 0 ? ", the data set's own split"
            : $" ({Percent.Text(options.Validation)} of each class on average)";
    }

    private static string DescribeOmissions(TrainingPlan plan)
    {
        string[] parts =
        [
            .. plan.Data.Faults > 0 ? [$"{plan.Data.Faults} rows that cannot be used"] : Array.Empty<string>(),
            .. plan.Data.NotUsed.Length > 0 ? [plan.Data.NotUsed] : Array.Empty<string>(),
        ];
        return parts.Length == 0 ? "nothing" : string.Join("; ", parts);
    }

    private static IEnumerable<(string Name, string Text)> DescribeTime(TrainingPlan plan, DateTime now)
    {
        if (plan is not { Timing: { } timing, TrainSeconds: { } train, ValidationSeconds: { } validation, Duration: { } duration })
        {
            yield return ("steps", "none of the first images could be used, so nothing was timed");
            yield break;
        }

        var steps = string.Join(", ", timing.Seconds.Select((s, i) =>
            s.ToString("0.00", CultureInfo.InvariantCulture) + (i == 0 && timing.Seconds.Length > 1 ? " s (warm-up, not counted)" : " s")));
        yield return ("steps", string.Create(
            CultureInfo.InvariantCulture,
            $"{timing.Seconds.Length} timed: {steps}; {1 / timing.SecondsPerImage:0} images/s, waiting for data {100 * timing.WaitShare:0} %"));
        var (epoch, measured) = (TimeSpan.FromSeconds(train + validation), TimeSpan.FromSeconds(validation));
        yield return ("time", $"about {Duration.Text(epoch)} an epoch, of it {Duration.Text(measured)} validation; about {Duration.Text(duration)} in all");
        var end = now + duration;
        var format = end.Date == now.Date ? "HH:mm" : "ddd d MMM, HH:mm";
        yield return ("ends", $"about {end.ToString(format, CultureInfo.InvariantCulture)} if it starts now and no other program slows it down");
    }

    private static string Megabytes(long bytes) => bytes < 1e9
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB");
}
