using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training.Finders;
using SketchFlow.Reports.Plots;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow lr-find</c>.</summary>
    private static Command LearningRateFind()
    {
        var standard = new LearningRateRange();
        var from = new Option<double>("--from") { Description = "First rate.", DefaultValueFactory = _ => standard.From };
        var to = new Option<double>("--to") { Description = "Last rate.", DefaultValueFactory = _ => standard.To };
        var steps = new Option<int>("--steps") { Description = "Training steps from one to the other.", DefaultValueFactory = _ => standard.Steps };
        var verb = new Command("lr-find", "Find a learning rate: train with a growing one, draw the loss, suggest where it falls fastest.")
        {
            CommonOptions.Model, CommonOptions.Data, from, to, steps, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Set, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var range = new LearningRateRange { From = parsed.GetValue(from), To = parsed.GetValue(to), Steps = parsed.GetValue(steps) };
            if (!(range.From > 0 && range.To > range.From && range.Steps >= 20))
            {
                throw new UsageException($"--from {range.From} --to {range.To} --steps {range.Steps} is no range; rates ascend from above 0, in 20 steps or more.");
            }

            var (name, recipe, device) = CommonOptions.Recipe(parsed, null);
            var data = DataSource.Open(recipe.Data.Path, artifacts, Environment.ProcessorCount, Progress.Open);
            recipe = DataStatistics.Resolve(recipe, data, CommonOptions.Context(device), interruption.Token);
            var points = LearningRateFinder.Run(recipe, data, CommonOptions.Context(device), range, interruption.Token);
            var suggestion = LearningRateFinder.Suggest(points);
            var title = $"lr-find-{name}-{data.Name}";
            var (csv, png) = (Path.Combine(artifacts.Root, "reports", $"{title}.csv"), Path.Combine(artifacts.Root, "reports", $"{title}.png"));
            WholeFile.WriteText(csv, LearningRateFinder.Csv(points));
            LearningRateFinderPlot.Draw(png, $"{name} on {data.Name}", [.. points.Select(p => p.LearningRate)], [.. points.Select(p => p.Smoothed)], suggestion);
            Log($"{points.Length} steps{(points.Length < range.Steps ? $", ended at {points[^1].LearningRate:0.0e0} where the loss diverged" : "")}; {png}, {csv}");
            Log(suggestion is { } rate
                ? string.Create(CultureInfo.InvariantCulture, $"suggested: --set optimizer.learning_rate={rate:0.0e0}")
                : "The loss never fell, so there is no suggestion; try more --steps, or another --from and --to.");
            CommonOptions.PrintJson(parsed, new { model = name, steps = points.Length, suggestion, csv, plot = png });
            return ExitCode.Done;
        });
        return verb;
    }

    /// <summary><c>sketchflow batch-find</c>.</summary>
    private static Command BatchSizeFind()
    {
        var memory = new Option<double?>("--memory") { Description = "GB that training may have on the processor; by default 80 % of the machine's or container's." };
        var largest = new Option<int>("--largest") { Description = "Largest size tried; never more than there are training images.", DefaultValueFactory = _ => 1024 };
        var verb = new Command("batch-find", "Find the largest batch size (a power of two) that memory holds, with the rate of each.")
        {
            CommonOptions.Model, CommonOptions.Data, memory, largest, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Set, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var budget = parsed.GetValue(memory) is { } gb ? (long)(gb * 1e9) : (long)(0.8 * SystemMemory.LimitBytes);
            if (budget <= 0 || parsed.GetValue(largest) < 1)
            {
                throw new UsageException($"--memory {budget / 1e9} GB and --largest {parsed.GetValue(largest)} leave nothing to try; give more than 0 of each.");
            }

            var (name, recipe, device) = CommonOptions.Recipe(parsed, null);
            var data = DataSource.Open(recipe.Data.Path, artifacts, Environment.ProcessorCount, Progress.Open);
            recipe = DataStatistics.Resolve(recipe, data, CommonOptions.Context(device), interruption.Token);
            var points = BatchSizeFinder.Run(
                recipe, data, CommonOptions.Context(device), new BatchSizeLimits(budget, parsed.GetValue(largest)),
                p => Log(p.Fits
                    ? $"batch {p.BatchSize}: {(p.PeakBytes is { } bytes ? $"{bytes / 1e6:0} MB, " : "")}{p.ImagesPerSecond:0.0} images/s"
                    : $"batch {p.BatchSize}: out of memory"),
                interruption.Token);
            var suggestion = BatchSizeFinder.Suggest(points, budget);
            Log(suggestion is { } size
                ? $"suggested: --set batch_size={size}"
                : $"Not even one image fits into {budget / 1e9:0.0} GB; give more --memory, a smaller image_size or a smaller model.");
            CommonOptions.PrintJson(parsed, new { model = name, suggestion, budget_bytes = device.IsCuda ? default(long?) : budget, tried = points });
            return suggestion is null ? ExitCode.Failed : ExitCode.Done;
        });
        return verb;
    }
}
