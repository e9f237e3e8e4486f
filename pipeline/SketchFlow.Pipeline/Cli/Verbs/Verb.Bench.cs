using System.CommandLine;
using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Learning.Models;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow bench …</c>: measurements. They print ratios, which hold on any machine.</summary>
    private static Command Bench()
    {
        var verb = new Command("bench", "Measure loader, training, inference, ensemble search, the zoo's rates, and where a step's time goes.");
        verb.Add(BenchLoader());
        verb.Add(BenchTrain());
        verb.Add(BenchInfer());
        verb.Add(BenchEnsemble());
        verb.Add(BenchZoo());
        verb.Add(BenchStep());
        return verb;
    }

    private static Command BenchLoader()
    {
        var workers = new Option<int>("--workers") { Description = "Threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var images = new Option<int>("--images") { Description = "Files, at least 600.", DefaultValueFactory = _ => 1000 };
        var rounds = new Option<int>("--rounds") { Description = "Pairs of measurements.", DefaultValueFactory = _ => 5 };
        var recipe = new Option<string>("--recipe") { Description = "Recipe with the preparation and augmentation.", DefaultValueFactory = _ => "bench-clahe-morph" };
        var verb = new Command("loader", "Images a second into batches, beside plain colour decoding of the same files.")
        {
            CommonOptions.Data, workers, images, rounds, recipe, CommonOptions.Set, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var chosen = RecipeFile.Load(Path.Combine(RecipeFile.Folder, $"{parsed.GetValue(recipe)}.yaml"), parsed.GetValue(CommonOptions.Set)!);
            var files = BenchmarkFiles(DataSource.Open(parsed.GetValue(CommonOptions.Data), artifacts, Environment.ProcessorCount, Progress.Open), artifacts, Math.Max(600, parsed.GetValue(images)));
            var architecture = RecipeModel.Build(chosen, 10);
            var options = ImageFlow.Options(chosen, architecture) with
            {
                Decode = ImageFlow.DecodeFor(chosen, architecture, exact: false),
                Augmentation = AugmentPlan.Compile(chosen.Augmentation),
                Workers = parsed.GetValue(workers),
                Background = false, // Nothing competes here, and plain decoding runs at normal priority too.
            };
            var result = LoaderBench.Run(options, files, parsed.GetValue(rounds), Log);
            Log(result.Flow);
            Log($"busy, µs an image: {string.Join(", ", result.Stages.Select(s => $"{s.Key} {s.Value:0}"))}");
            Log($"loader {result.ImagesPerSecond:0} images/s, plain colour decoding {result.DecodeImagesPerSecond:0} images/s, ratio {result.Ratio:0.00}, {result.Workers} workers");
            CommonOptions.PrintJson(parsed, result);
            return ExitCode.Done;
        });
        return verb;
    }

    private static Command BenchTrain()
    {
        var steps = new Option<int>("--steps") { Description = "Steps in each measurement.", DefaultValueFactory = _ => 12 };
        var epochs = new Option<int>("--epochs") { Description = "Epochs of so many steps over which memory is watched.", DefaultValueFactory = _ => 10 };
        var verb = new Command("train", "Images a second of training: the pipeline, the bare step, mixed precision, channels last, memory.")
        {
            CommonOptions.Model, CommonOptions.Data, steps, epochs, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Set, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var (name, recipe, device) = CommonOptions.Recipe(parsed, null);
            var data = DataSource.Open(recipe.Data.Path, artifacts, Environment.ProcessorCount, Progress.Open);
            var files = BenchmarkFiles(data, artifacts, 1000);
            var result = new TrainBench(recipe, data.Classes.Length, device).Run(files, parsed.GetValue(steps), parsed.GetValue(epochs), Log);
            Log($"{name}: pipeline {result.ImagesPerSecond:0.0} images/s, bare {result.BareImagesPerSecond:0.0} images/s, efficiency {100 * result.PipelineEfficiency:0.0} % ({100 * result.FirstEpochEfficiency:0.0} % while files are decoded), "
                + $"waiting {100 * result.DataWaitShare:0.0} %, mixed precision {result.AmpSpeedup:0.00} ×, channels last {result.ChannelsLastSpeedup:0.00} ×, "
                + $"optimiser {100 * result.OptimizerShare:0.0} %, peak {result.PeakRssMb:0} MB, growth {result.RssGrowthMbPerEpoch:0.0} MB an epoch");
            CommonOptions.PrintJson(parsed, result);
            return ExitCode.Done;
        });
        return verb;
    }

    private static Command BenchInfer()
    {
        var rounds = new Option<int>("--rounds") { Description = "Pairs of measurements.", DefaultValueFactory = _ => 3 };
        var verb = new Command("infer", "Images a second of inference: the pipeline and the bare model.")
        {
            CommonOptions.Model, CommonOptions.Data, rounds, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Set, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var (name, recipe, device) = CommonOptions.Recipe(parsed, null);
            var data = DataSource.Open(recipe.Data.Path, artifacts, Environment.ProcessorCount, Progress.Open);
            var files = BenchmarkFiles(data, artifacts, 600);
            var result = InferBench.Run(recipe, data.Classes.Length, device, files, parsed.GetValue(rounds));
            Log($"{name}: pipeline {result.ImagesPerSecond:0.0} images/s, bare {result.BareImagesPerSecond:0.0} images/s");
            CommonOptions.PrintJson(parsed, result);
            return ExitCode.Done;
        });
        return verb;
    }

    private static IReadOnlyList<Sample> BenchmarkFiles(DataSet data, Artifacts artifacts, int count)
    {
        Log($"{count} JPEGs of 400-800 px made from {data.Name}");
        return BenchmarkImages.Write([.. data.Train.Where(s => s.Fault is null)], Path.Combine(artifacts.Bench, "images", data.Name), count, seed: 1);
    }
}
