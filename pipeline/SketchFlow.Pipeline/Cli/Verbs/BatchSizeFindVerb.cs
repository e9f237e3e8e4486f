using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Training.Finders;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>batch-find</c>: tries growing batch sizes until memory is full.</summary>
[Verb(
    "batch-find",
    "Find the largest batch size (a power of two) that fits into memory, and measure the speed of each size.",
    Order = 110,
    Examples =
    [
        "sketchflow batch-find --data my-data --model resnet18",
        "sketchflow batch-find --model vit_tiny --image-size 64 --memory 4",
    ])]
public sealed class BatchSizeFindVerb : Verb
{
    private readonly Option<double?> _memory = new("--memory")
    {
        Description = "Memory budget of training on a CPU, in GB; default: 80 % of the machine's or container's memory.",
    };

    private readonly Option<int> _largest = new("--largest")
    {
        Description = "Largest batch size to try; at most the number of training images.",
        DefaultValueFactory = _ => 1024,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        CommonOptions.Model, CommonOptions.Data, _memory, _largest, RecipeOptions.LearningRate, RecipeOptions.ImageSize, RecipeOptions.Augmentation,
        CommonOptions.Device, CommonOptions.Set, CommonOptions.BaseRecipe, RecipeOptions.Seed, RecipeOptions.Workers, RecipeOptions.Threads,
        CommonOptions.Amp, CommonOptions.Artifacts, CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(
        cancellation => Find(parsed, cancellation), () => "Interrupted; the sizes above were measured, nothing was written. The same command starts again.");

    private int Find(ParseResult parsed, CancellationToken cancellation)
    {
        var budget = parsed.GetValue(_memory) is { } gb ? (long)(gb * 1e9) : (long)(0.8 * SystemMemory.LimitBytes);
        var largest = parsed.GetValue(_largest);
        if (budget <= 0 || largest < 1)
        {
            throw new UsageException($"--memory is {budget / 1e9} GB and --largest is {largest}, expected more than 0 of each.");
        }

        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var (name, recipe, device) = CommonOptions.Recipe(parsed, null);
        var data = CommonOptions.OpenData(recipe.Data, artifacts);
        var context = CommonOptions.Context(parsed, device);
        recipe = DataStatistics.Resolve(recipe, data, context, cancellation);
        var points = BatchSizeFinder.Run(recipe, data, context, new BatchSizeLimits(budget, largest), Print, cancellation);
        var images = DataSource.Split(data, recipe).Train.Count;
        var (fitting, suggestion) = (BatchSizeFinder.FindLargest(points, budget), BatchSizeFinder.Suggest(points, budget, images));
        if (fitting > suggestion)
        {
            Log($"Up to {fitting} images fit into memory, but with more than a tenth of the {images} training images an epoch has fewer than 10 steps.");
        }

        Log(suggestion is { } size
            ? Describe(recipe, size)
            : $"Not even one image fits into {budget / 1e9:0.0} GB; give more --memory, a smaller image_size or a smaller model.");
        CommonOptions.PrintJson(parsed, new
        {
            model = name,
            suggestion,
            learning_rate = suggestion is { } found ? BatchSizeFinder.ScaleRate(recipe, found) : default(double?),
            fitting,
            images,
            budget_bytes = device.IsCuda ? default(long?) : budget,
            tried = points,
        });
        return suggestion is null ? ExitCode.Failed : ExitCode.Done;
    }

    // The learning rate changes with the batch size.
    private static string Describe(Recipe recipe, int size) => size == recipe.BatchSize
        ? $"suggested: --batch-size {size}, as in the recipe"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"suggested: --batch-size {size} --lr {BatchSizeFinder.ScaleRate(recipe, size):0.0e0} (the recipe's "
            + $"{recipe.Optimizer.LearningRate:0.0e0} belongs to batches of {recipe.BatchSize}; the rate of {recipe.Optimizer.Name} grows with the "
            + $"{(recipe.Optimizer is Sgd ? "" : "square root of the ")}batch size, and lr-find measures it)");

    private static void Print(BatchSizeTrial point) => Log(point.Fits
        ? $"batch {point.BatchSize}: {(point.PeakBytes is { } bytes ? $"{bytes / 1e6:0} MB, " : "")}{point.ImagesPerSecond:0.0} images/s"
        : $"batch {point.BatchSize}: out of memory");
}
