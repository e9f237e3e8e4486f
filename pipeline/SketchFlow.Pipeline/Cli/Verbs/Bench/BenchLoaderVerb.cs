using System.CommandLine;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Verbs.Bench;

/// <summary>The verb <c>bench loader</c>.</summary>
[Verb(
    "bench loader",
    "Images per second from files to batches, compared with plain colour decoding of the same files.",
    Order = 10,
    Examples = ["sketchflow bench loader --data my-data", "sketchflow bench loader --recipe resnet18 --workers 2"])]
public sealed class BenchLoaderVerb : Verb
{
    private readonly Option<int?> _workers = new("--workers", "-j", "--num-workers") { Description = "Number of worker threads; default: one per CPU core." };

    private readonly Option<int> _images = new("--images") { Description = "Number of files, at least 600.", DefaultValueFactory = _ => 1000 };

    private readonly Option<int> _rounds = new("--rounds") { Description = "Number of pairs of measurements.", DefaultValueFactory = _ => 5 };

    private readonly Option<string> _recipe = new("--recipe")
    {
        Description = "Recipe that sets preparation and augmentation.",
        DefaultValueFactory = _ => "bench-clahe-morph",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        CommonOptions.Data, _workers, _images, _rounds, _recipe, RecipeOptions.BatchSize, RecipeOptions.ImageSize, RecipeOptions.Augmentation,
        CommonOptions.Set, CommonOptions.Artifacts, CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var recipe = RecipeFile.Load(RecipeFile.Find(parsed.GetValue(_recipe)!), CommonOptions.Settings(parsed));
        var data = CommonOptions.OpenData(parsed.GetValue(CommonOptions.Data), artifacts);
        var files = BenchInput.WriteImages(data, artifacts, Math.Max(600, parsed.GetValue(_images)), Log);
        var architecture = RecipeModel.Build(recipe, 10);
        var options = ImageFlow.Options(recipe, architecture) with
        {
            Decode = ImageFlow.DecodeFor(recipe, architecture, exact: false),
            Augmentation = AugmentPlan.Compile(recipe.Augmentation),
            Workers = parsed.GetValue(_workers) ?? Environment.ProcessorCount,
            Background = false, // Nothing competes here, and plain decoding runs at normal priority too.
        };
        var result = LoaderBench.Run(options, files, parsed.GetValue(_rounds), Log);
        Log(result.Flow);
        Log($"busy, µs per image: {string.Join(", ", result.Stages.Select(s => $"{s.Key} {s.Value:0}"))}");
        Log($"loader {result.ImagesPerSecond:0} images/s, plain colour decoding {result.DecodeImagesPerSecond:0} images/s, "
            + $"ratio {result.Ratio:0.00}, {result.Workers} workers");
        CommonOptions.PrintJson(parsed, result);
        return ExitCode.Done;
    }
}
