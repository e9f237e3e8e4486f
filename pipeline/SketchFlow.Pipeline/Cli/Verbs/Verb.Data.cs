using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow data …</c>.</summary>
    private static Command Data()
    {
        var verb = new Command("data", "Data sets: draw the built-in one, count mean and std, bring ImageNet-Sketch into the competition layout.");
        verb.Add(DrawDoodles());
        verb.Add(CountLevels());
        verb.Add(PrepareData());
        return verb;
    }

    private static Command DrawDoodles()
    {
        var defaults = new DoodlesOptions();
        var classes = new Option<int>("--classes") { Description = "Kinds of drawings.", DefaultValueFactory = _ => defaults.Classes };
        var train = new Option<int>("--train") { Description = "Training images a class.", DefaultValueFactory = _ => defaults.TrainPerClass };
        var test = new Option<int>("--test") { Description = "Test images a class.", DefaultValueFactory = _ => defaults.TestPerClass };
        var seed = new Option<long>("--seed") { Description = "Seed; the same seed gives the same bytes.", DefaultValueFactory = _ => defaults.Seed };
        var output = new Option<string?>("--out") { Description = "Folder; by default artifacts/data/doodles." };
        var verb = new Command("doodles", "Draw the built-in data set: line drawings in varied hands, in the competition layout.")
        {
            classes, train, test, seed, output, CommonOptions.Artifacts,
        };
        verb.SetAction(parsed =>
        {
            var folder = parsed.GetValue(output) ?? Path.Combine(Artifacts.At(parsed.GetValue(CommonOptions.Artifacts)).Data, "doodles");
            var options = new DoodlesOptions
            {
                Classes = parsed.GetValue(classes),
                TrainPerClass = parsed.GetValue(train),
                TestPerClass = parsed.GetValue(test),
                Seed = parsed.GetValue(seed),
            };
            DataSource.DrawDoodles(options, folder, Progress.Open);
            Log($"{options.Classes} classes, {options.Classes * options.TrainPerClass} training and {options.Classes * options.TestPerClass} test images in {folder}");
            return ExitCode.Done;
        });
        return verb;
    }

    private static Command CountLevels()
    {
        var side = new Option<int>("--size") { Description = "Side of the square that images are brought to first, px.", DefaultValueFactory = _ => 224 };
        var fit = new Option<ResizeMode>("--fit") { Description = "letterbox (padding counts), stretch or centreCrop.", DefaultValueFactory = _ => ResizeMode.Letterbox };
        var verb = new Command("stats", "Mean and standard deviation of the training images, in one pass.") { CommonOptions.Data, side, fit, CommonOptions.Artifacts, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var data = DataSource.Open(parsed.GetValue(CommonOptions.Data), artifacts, Environment.ProcessorCount, Progress.Open);
            var preparation = new PadResizeOptions { Side = parsed.GetValue(side), Fit = parsed.GetValue(fit) };
            preparation.Check();
            DataStatistics found;
            try
            {
                found = DataStatistics.Measure(new ImageFlowOptions { Preparation = preparation }, data.Train, Progress.Open, interruption.Token);
            }
            catch (OperationCanceledException)
            {
                Log("Interrupted.");
                return ExitCode.Interrupted;
            }

            Log($"{data.Name}: {found.Images} images, {found.Pixels} pixels after {preparation}, red green blue");
            Log($"mean {Digits(found.Mean)}");
            Log($"std  {Digits(found.Std)}");
            CommonOptions.PrintJson(parsed, new { mean = found.Mean, std = found.Std, images = found.Images, pixels = found.Pixels, rejected = found.Rejected.Length });
            return CommonOptions.ReportRejections(found.Rejected, Path.Combine(artifacts.Root, "reports", $"{data.Name}-stats-rejections.csv"));
        });
        return verb;

        static string Digits(IEnumerable<double> values) => string.Join(' ', values.Select(v => v.ToString("0.000000", CultureInfo.InvariantCulture)));
    }

    private static Command PrepareData()
    {
        var defaults = new PreparationOptions();
        var source = new Option<string>("--from") { Description = "ImageNet-Sketch as published: a folder a class, a .zip of it, or Parquet shards.", Required = true };
        var output = new Option<string?>("--out") { Description = "Folder; by default artifacts/data/imagenet-sketch." };
        var classes = new Option<int>("--classes") { Description = "Classes kept, those with most images.", DefaultValueFactory = _ => defaults.Classes };
        var share = new Option<double>("--train") { Description = "Share of each class given with labels.", DefaultValueFactory = _ => defaults.Train };
        var seed = new Option<long>("--seed") { Description = "Seed of the split.", DefaultValueFactory = _ => defaults.Seed };
        var verb = new Command("prepare", "Bring ImageNet-Sketch into the competition layout; goes on where it was interrupted.")
        {
            source, output, classes, share, seed, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var folder = parsed.GetValue(output) ?? Path.Combine(Artifacts.At(parsed.GetValue(CommonOptions.Artifacts)).Data, "imagenet-sketch");
            var options = new PreparationOptions { Classes = parsed.GetValue(classes), Train = parsed.GetValue(share), Seed = parsed.GetValue(seed) };
            Progress? bar = null;
            try
            {
                var report = DataPreparation.Run(
                    options, parsed.GetValue(source)!, folder, (done, total) => (bar ??= Progress.Open("prepare", total, "images")).Report(done), interruption.Token);
                bar?.Dispose();
                Log($"{folder}: {report.Classes} classes, {report.Train} training and {report.Test} test images ({report.Kept} were there already); hidden labels in {report.Answers}");
                CommonOptions.PrintJson(parsed, report);
                return ExitCode.Done;
            }
            catch (OperationCanceledException)
            {
                Log("Interrupted; the same command goes on from here.");
                return ExitCode.Interrupted;
            }
            finally
            {
                bar?.Dispose();
            }
        });
        return verb;
    }
}
