using System.CommandLine;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Pipeline.Cli.Options;

namespace SketchFlow.Pipeline.Cli.Verbs.Bench;

/// <summary>The verb <c>bench train</c>.</summary>
[Verb(
    "bench train",
    "Images per second of training: the pipeline, the training step alone, mixed precision, channels last, memory.",
    Order = 20,
    Examples = ["sketchflow bench train --model resnet18", "sketchflow bench train --model resnet18 --batch-size 16 --steps 24"])]
public sealed class BenchTrainVerb : Verb
{
    private readonly Option<int> _steps = new("--steps") { Description = "Number of steps per measurement.", DefaultValueFactory = _ => 12 };

    private readonly Option<int> _epochs = new("--epochs")
    {
        Description = "Number of epochs of that many steps over which memory is watched.",
        DefaultValueFactory = _ => 10,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        CommonOptions.Model, CommonOptions.Data, _steps, _epochs,
        RecipeOptions.BatchSize, RecipeOptions.ImageSize, RecipeOptions.Augmentation, CommonOptions.Device, CommonOptions.Set, CommonOptions.BaseRecipe,
        RecipeOptions.Workers, RecipeOptions.Threads, CommonOptions.Amp, CommonOptions.Artifacts, CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var (name, recipe, device) = CommonOptions.Recipe(parsed, null);
        var data = CommonOptions.OpenData(recipe.Data, artifacts);
        var files = BenchInput.WriteImages(data, artifacts, 1000, Log);
        var result = new TrainBench(recipe, data.Classes.Length, device).Run(files, parsed.GetValue(_steps), parsed.GetValue(_epochs), Log);
        Log($"{name}: pipeline {result.ImagesPerSecond:0.0} images/s, step alone {result.BareImagesPerSecond:0.0} images/s, "
            + $"efficiency {Percent.Text(result.PipelineEfficiency)} ({Percent.Text(result.FirstEpochEfficiency)} while files are decoded), "
            + $"data wait {Percent.Text(result.DataWaitShare)}, mixed precision {result.AmpSpeedup:0.00} ×, channels last {result.ChannelsLastSpeedup:0.00} ×, "
            + $"optimiser {Percent.Text(result.OptimizerShare)}, peak {result.PeakRssMb:0} MB, growth {result.RssGrowthMbPerEpoch:0.0} MB per epoch");
        CommonOptions.PrintJson(parsed, result);
        return ExitCode.Done;
    }
}
