using System.Diagnostics;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Bench;

/// <summary>Measures training in the whole pipeline and by the step alone, with and without mixed precision and the channels-last layout.</summary>
/// <param name="recipe">Architecture, image size, batch size, augmentation and optimiser.</param>
/// <param name="classes">Number of classes.</param>
/// <param name="device">Device of the tensors.</param>
public sealed class TrainBench(Recipe recipe, int classes, ComputeDevice device)
{
    private readonly Architecture _architecture = RecipeModel.Build(recipe, classes);
    private readonly ImageCache _cache = ImageCache.Create(recipe.Data.CacheMegabytes);
    private readonly ComputePrecision _precision = MixedPrecision.Resolve(recipe.Amp, device);

    /// <summary>Runs the measurements.</summary>
    /// <param name="samples">Training images.</param>
    /// <param name="steps">Number of steps per measurement.</param>
    /// <param name="epochs">Number of epochs of that many steps over which memory is observed.</param>
    /// <param name="log">Receives a line per measurement.</param>
    public TrainResult Run(IReadOnlyList<Sample> samples, int steps, int epochs, Action<string> log)
    {
        using var learner = NewLearner(recipe.ChannelsLast, _precision);
        using var images = LoadBatch(samples, recipe.ChannelsLast);

        // Pipeline and isolated steps alternate epoch by epoch, so that other load on the machine affects both.
        var (pipeline, bare, waits, rss, tensors) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<long>());
        MeasureSteps(learner, images, 3);

        // The pipeline is warmed up with images that are not cached: JIT compilation for the first ones is not part of the cost of decoding.
        MeasureEpoch(learner, samples, 0, Math.Min(steps, 3), cache: null);
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var (rate, wait) = MeasureEpoch(learner, samples, epoch, steps, _cache);
            pipeline.Add(rate);
            waits.Add(wait);
            bare.Add(MeasureSteps(learner, images, steps));
            rss.Add(ProcessMemory.ResidentBytes / 1048576.0);
            tensors.Add(LibTorch.LiveTensors);
            log($"epoch {epoch + 1}: pipeline {rate:0.0} images/s, step alone {bare[^1]:0.0} images/s, data wait {Percent.Text(wait)}, "
                + $"{rss[^1]:0} MB, {tensors[^1]} tensors");
        }

        var optimizer = OptimizerShare(learner, images, steps);
        var mixed = !Autocast.IsSupported || _precision != ComputePrecision.Float32 ? _precision : ComputePrecision.BFloat16;
        var amp = SpeedUp((recipe.ChannelsLast, mixed), (recipe.ChannelsLast, ComputePrecision.Float32), samples, steps, log);
        var last = SpeedUp((true, _precision), (false, _precision), samples, steps, log);
        return new TrainResult
        {
            ImagesPerSecond = Timing.Median(pipeline),
            BareImagesPerSecond = Timing.Median(bare),
            PipelineEfficiency = Timing.Median(pipeline.Zip(bare, (p, b) => p / b)),
            FirstEpochEfficiency = pipeline[0] / bare[0],
            AmpSpeedup = amp,
            ChannelsLastSpeedup = last,
            Autocast = _precision == ComputePrecision.Float32 ? "off" : _precision.ToString(),
            OptimizerShare = optimizer,
            DataWaitShare = Timing.Median(waits),
            PeakRssMb = ProcessMemory.PeakBytes / 1048576.0,
            RssGrowthMbPerEpoch = Slope(rss.Skip(Math.Min(2, rss.Count - 1)).ToArray()),
            LiveTensorGrowth = tensors[^1] - tensors[Math.Min(2, tensors.Count - 1)],
        };
    }

    private Learner NewLearner(bool channelsLast, ComputePrecision precision) =>
        IsolatedStep.CreateLearner(recipe, _architecture, device, channelsLast, precision);

    private Flow<PixelBatch> Batches(IReadOnlyList<Sample> samples, int epoch, int steps, ImageCache? cache)
    {
        // Every epoch has the same images in another order, as in training.
        var count = steps * recipe.BatchSize;
        var repeated = Enumerable.Range(0, (count / samples.Count) + 1).SelectMany(_ => samples).Take(count).ToList();
        return ImageFlow.Batches(
            ImageFlow.Options(recipe, _architecture) with
            {
                Decode = ImageFlow.DecodeFor(recipe, _architecture, exact: false),
                Cache = cache,
                Augmentation = SketchFlow.Imaging.Augmentation.AugmentPlan.Compile(recipe.Augmentation),
                Epoch = epoch,
            },
            EpochShuffle.Shuffle(repeated, recipe.Seed, epoch));
    }

    private DeviceBatch LoadBatch(IReadOnlyList<Sample> samples, bool channelsLast)
    {
        DeviceBatch? first = null;
        Batches(samples, 0, 1, null).Run(batch => first = DeviceBatch.Upload(batch, _architecture.Preprocessing, device, channelsLast));
        return first ?? throw new RefusalException("None of the first images can be decoded, so there is no batch to measure with.");
    }

    private (double Rate, double Wait) MeasureEpoch(Learner learner, IReadOnlyList<Sample> samples, int epoch, int steps, ImageCache? cache)
    {
        var seen = 0;
        using var run = Batches(samples, epoch, steps, cache).Start();
        // The first batch is prepared before the clock starts, as in training, where it is prepared during the validation of the previous epoch.
        var more = run.TryTake(out var batch);
        var (watch, waited) = (Stopwatch.StartNew(), run.Waited);
        for (; more; more = run.TryTake(out batch))
        {
            learner.Step(batch!, recipe.Optimizer.LearningRate * 0.01);
            seen += batch!.Count;
        }

        return (seen / watch.Elapsed.TotalSeconds, (run.Waited - waited) / watch.Elapsed);
    }

    private double MeasureSteps(Learner learner, DeviceBatch images, int steps)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < steps; i++)
        {
            IsolatedStep.Train(learner, images, recipe);
        }

        return steps * images.Count / watch.Elapsed.TotalSeconds;
    }

    // Measures the speed-up of one setting over another; two learners alternate.
    private double SpeedUp(
        (bool ChannelsLast, ComputePrecision Precision) one, (bool ChannelsLast, ComputePrecision Precision) other,
        IReadOnlyList<Sample> samples, int steps, Action<string> log)
    {
        using var first = NewLearner(one.ChannelsLast, one.Precision);
        using var second = NewLearner(other.ChannelsLast, other.Precision);
        using var firsts = LoadBatch(samples, one.ChannelsLast);
        using var seconds = LoadBatch(samples, other.ChannelsLast);
        MeasureSteps(first, firsts, 2);
        MeasureSteps(second, seconds, 2);
        var ratios = new List<double>();
        for (var i = 0; i < 3; i++)
        {
            ratios.Add(MeasureSteps(first, firsts, steps) / MeasureSteps(second, seconds, steps));
        }

        log($"{Name(one)} compared with {Name(other)}: speed-up {string.Join(", ", ratios.Select(r => $"{r:0.00}"))}");
        return Timing.Median(ratios);

        static string Name((bool ChannelsLast, ComputePrecision Precision) setting) =>
            $"{setting.Precision} channels {(setting.ChannelsLast ? "last" : "first")}";
    }

    private double OptimizerShare(Learner learner, DeviceBatch images, int steps)
    {
        var step = Timing.Median(Enumerable.Range(0, 3).Select(_ => images.Count / MeasureSteps(learner, images, steps)));
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < steps; i++)
        {
            var norm = learner.Optimizer.GradientNorm(1);
            learner.Optimizer.Step(0, 1, norm);
        }

        return watch.Elapsed.TotalSeconds / steps / step;
    }

    // Fits a line by least squares and returns its slope.
    private static double Slope(double[] values)
    {
        var (n, mean, middle) = (values.Length, values.Average(), (values.Length - 1) / 2.0);
        return n < 2 ? 0 : values.Select((v, i) => (i - middle) * (v - mean)).Sum() / Enumerable.Range(0, n).Sum(i => (i - middle) * (i - middle));
    }
}
