using System.CommandLine;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Pipeline.Cli.Options;

namespace SketchFlow.Pipeline.Cli.Verbs.Bench;

/// <summary>The verb <c>bench infer</c>.</summary>
[Verb(
    "bench infer",
    "Images per second of inference: the pipeline, and the model alone.",
    Order = 30,
    Examples = ["sketchflow bench infer --model resnet18", "sketchflow bench infer --model vit_tiny --batch-size 16"])]
public sealed class BenchInferVerb : Verb
{
    private readonly Option<int> _rounds = new("--rounds") { Description = "Number of pairs of measurements.", DefaultValueFactory = _ => 3 };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        CommonOptions.Model, CommonOptions.Data, _rounds,
        RecipeOptions.BatchSize, RecipeOptions.ImageSize, RecipeOptions.Augmentation, CommonOptions.Device, CommonOptions.Set, CommonOptions.BaseRecipe,
        RecipeOptions.Workers, RecipeOptions.Threads, CommonOptions.Amp, CommonOptions.Artifacts, CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var (name, recipe, device) = CommonOptions.Recipe(parsed, null);
        var data = CommonOptions.OpenData(recipe.Data, artifacts);
        var files = BenchInput.WriteImages(data, artifacts, 600, Log);
        var result = InferBench.Run(recipe, data.Classes.Length, device, files, parsed.GetValue(_rounds));
        Log($"{name}: pipeline {result.ImagesPerSecond:0.0} images/s, model alone {result.BareImagesPerSecond:0.0} images/s");
        CommonOptions.PrintJson(parsed, result);
        return ExitCode.Done;
    }
}
