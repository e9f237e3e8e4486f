using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Training.Finders;
using SketchFlow.Reports.Plots;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>lr-find</c>: the learning-rate range test.</summary>
[Verb(
    "lr-find",
    "Find a learning rate: train with an increasing rate, plot the loss, and suggest the rate at which it falls fastest.",
    Order = 100,
    Examples =
    [
        "sketchflow lr-find --data my-data --model resnet18",
        "sketchflow lr-find --data my-data --from 1e-6 --to 0.1 --batch-size 32",
    ])]
public sealed class LearningRateFindVerb : Verb
{
    private readonly Option<double> _from = new("--from") { Description = "First learning rate.", DefaultValueFactory = _ => new LearningRateRange().From };

    private readonly Option<double> _to = new("--to") { Description = "Last learning rate.", DefaultValueFactory = _ => new LearningRateRange().To };

    private readonly Option<int> _steps = new("--steps")
    {
        Description = "Number of training steps.",
        DefaultValueFactory = _ => new LearningRateRange().Steps,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        CommonOptions.Model, CommonOptions.Data, _from, _to, _steps, RecipeOptions.BatchSize, RecipeOptions.ImageSize, RecipeOptions.Augmentation,
        CommonOptions.Device, CommonOptions.Set, CommonOptions.BaseRecipe, RecipeOptions.Seed, RecipeOptions.Workers, RecipeOptions.Threads,
        CommonOptions.Amp, CommonOptions.Artifacts, CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(
        cancellation => Find(parsed, cancellation), () => "Interrupted before the curve was complete; nothing was written. The same command starts again.");

    private int Find(ParseResult parsed, CancellationToken cancellation)
    {
        var range = new LearningRateRange { From = parsed.GetValue(_from), To = parsed.GetValue(_to), Steps = parsed.GetValue(_steps) };
        if (!(range.From > 0 && range.To > range.From && range.Steps >= 20))
        {
            throw new UsageException(
                $"--from {range.From} --to {range.To} --steps {range.Steps} is not a valid range; expected 0 < from < to and at least 20 steps.");
        }

        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var (name, recipe, device) = CommonOptions.Recipe(parsed, null);
        var data = CommonOptions.OpenData(recipe.Data, artifacts);
        var context = CommonOptions.Context(parsed, device);
        recipe = DataStatistics.Resolve(recipe, data, context, cancellation);
        var points = LearningRateFinder.Run(recipe, data, context, range, cancellation);
        var suggestion = LearningRateFinder.Suggest(points);
        var file = Path.Combine(artifacts.Reports, $"lr-find-{name}-{data.Name}");
        var (csv, plot) = ($"{file}.csv", $"{file}.png");
        WholeFile.WriteText(csv, LearningRateFinder.Csv(points));
        double[] rates = [.. points.Select(p => p.LearningRate)];
        LearningRateFinderPlot.Draw(plot, $"{name} on {data.Name}", rates, LearningRateFinder.Smooth(points), suggestion.Rate);
        var end = points.Length < range.Steps ? $", stopped at {points[^1].LearningRate:0.0e0} because the loss diverged" : "";
        Log($"{points.Length} steps{end}; {plot}, {csv}");
        Log(Describe(suggestion, recipe, range));
        CommonOptions.PrintJson(parsed, new
        {
            model = name,
            steps = points.Length,
            suggestion = suggestion.Rate,
            low = suggestion.Low,
            high = suggestion.High,
            rises_at = suggestion.RisesAt,
            csv,
            plot,
        });
        return ExitCode.Done;
    }

    private static string Describe(LearningRateSuggestion suggestion, Recipe recipe, LearningRateRange range)
    {
        var rise = suggestion.RisesAt is { } rate ? string.Create(CultureInfo.InvariantCulture, $"; it rises from {rate:0.0e0} on") : "";
        return suggestion.Rate is { } best
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"suggested: --lr {best:0.0e0} (the loss falls between {suggestion.Low:0.0e0} and {suggestion.High:0.0e0}{rise})")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"No clear fall: the loss does not fall by more than its noise{rise}, so no rate is suggested. Try --steps {3 * range.Steps}, a larger "
                + $"batch_size or a narrower range around the recipe's {recipe.Optimizer.LearningRate:0.0e0}.");
    }
}
