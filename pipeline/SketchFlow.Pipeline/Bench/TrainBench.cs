using System.Diagnostics;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
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

/// <summary>Training steps in the pipeline and bare, with and without mixed precision and channels last.</summary>
/// <param name="recipe">Architecture, size, batch, augmentation, optimiser.</param>
/// <param name="classes">Number of classes.</param>
/// <param name="device">Where tensors live.</param>
public sealed class TrainBench(Recipe recipe, int classes, ComputeDevice device)
{
    private readonly Architecture _architecture = RecipeModel.Build(recipe, classes);
    private readonly ImageCache _cache = ImageCache.Create(recipe.Data.CacheMegabytes);
    private readonly ComputePrecision _precision = MixedPrecision.Resolve(recipe.Amp, device);

    /// <summary>Measures.</summary>
    /// <param name="samples">Images to train on.</param>
    /// <param name="steps">Steps in each measurement.</param>
    /// <param name="epochs">Epochs of so many steps over which memory is watched.</param>
    /// <param name="report">Takes a line a measurement.</param>
    public TrainResult Run(IReadOnlyList<Sample> samples, int steps, int epochs, Action<string> report)
    {
        using var learner = NewLearner(recipe.ChannelsLast, _precision);
        using var images = OneBatch(samples, recipe.ChannelsLast);

        // Pipeline and bare steps take turns, epoch by epoch, so that a noisy neighbour meets both.
        var (pipeline, bare, waits, rss, tensors) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<long>());
        Bare(learner, images, 3);

        // Of the pipeline too, some images that are not kept: what is compiled for the first of them is no part of what decoding costs.
        Epoch(learner, samples, 0, Math.Min(steps, 3), cache: null);
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var (rate, wait) = Epoch(learner, samples, epoch, steps, _cache);
            pipeline.Add(rate);
            waits.Add(wait);
            bare.Add(Bare(learner, images, steps));
            rss.Add(ProcessMemory.ResidentBytes / 1048576.0);
            tensors.Add(LibTorch.LiveTensors);
            report($"epoch {epoch + 1}: pipeline {rate:0.0} images/s, bare {bare[^1]:0.0} images/s, waiting {100 * wait:0.0} %, {rss[^1]:0} MB, {tensors[^1]} tensors");
        }

        var optimizer = OptimizerShare(learner, images, steps);
        var mixed = !Autocast.IsSupported || _precision != ComputePrecision.Float32 ? _precision : ComputePrecision.BFloat16;
        var amp = Against((recipe.ChannelsLast, mixed), (recipe.ChannelsLast, ComputePrecision.Float32), samples, steps, report);
        var last = Against((true, _precision), (false, _precision), samples, steps, report);
        return new TrainResult
        {
            ImagesPerSecond = LoaderBench.Median(pipeline),
            BareImagesPerSecond = LoaderBench.Median(bare),
            PipelineEfficiency = LoaderBench.Median(pipeline.Zip(bare, (p, b) => p / b)),
            FirstEpochEfficiency = pipeline[0] / bare[0],
            AmpSpeedup = amp,
            ChannelsLastSpeedup = last,
            Autocast = _precision == ComputePrecision.Float32 ? "off" : _precision.ToString(),
            OptimizerShare = optimizer,
            DataWaitShare = LoaderBench.Median(waits),
            PeakRssMb = ProcessMemory.PeakBytes / 1048576.0,
            RssGrowthMbPerEpoch = Slope(rss.Skip(Math.Min(2, rss.Count - 1)).ToArray()),
            LiveTensorGrowth = tensors[^1] - tensors[Math.Min(2, tensors.Count - 1)],
        };
    }

    private Learner NewLearner(bool channelsLast, ComputePrecision precision) => BareStep.Learner(recipe, _architecture, device, channelsLast, precision);

    private Flow<PixelBatch> Batches(IReadOnlyList<Sample> samples, int epoch, int steps, ImageCache? cache)
    {
        // The same images in every epoch, each time in another order, as in training.
        var wanted = steps * recipe.BatchSize;
        var repeated = Enumerable.Range(0, (wanted / samples.Count) + 1).SelectMany(_ => samples).Take(wanted).ToList();
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

    private DeviceBatch OneBatch(IReadOnlyList<Sample> samples, bool channelsLast)
    {
        DeviceBatch? held = null;
        Batches(samples, 0, 1, null).Run(batch => held = DeviceBatch.Upload(batch, _architecture.Preprocessing, device, channelsLast));
        return held ?? throw new RefusalException("None of the first images could be used; there is nothing to measure with.");
    }

    private (double Rate, double Wait) Epoch(Learner learner, IReadOnlyList<Sample> samples, int epoch, int steps, ImageCache? cache)
    {
        var seen = 0;
        using var run = Batches(samples, epoch, steps, cache).Start();
        // The first batch is prepared while nothing is learned, as an epoch's is while the one before is validated.
        var more = run.TryTake(out var batch);
        var (watch, waited) = (Stopwatch.StartNew(), run.Waited);
        for (; more; more = run.TryTake(out batch))
        {
            learner.Step(batch!, recipe.Optimizer.LearningRate * 0.01);
            seen += batch!.Count;
        }

        return (seen / watch.Elapsed.TotalSeconds, (run.Waited - waited) / watch.Elapsed);
    }

    private double Bare(Learner learner, DeviceBatch images, int steps)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < steps; i++)
        {
            BareStep.Train(learner, images, recipe);
        }

        return steps * images.Count / watch.Elapsed.TotalSeconds;
    }

    // One setting over another: two learners take turns.
    private double Against(
        (bool ChannelsLast, ComputePrecision Precision) one, (bool ChannelsLast, ComputePrecision Precision) other,
        IReadOnlyList<Sample> samples, int steps, Action<string> report)
    {
        using var first = NewLearner(one.ChannelsLast, one.Precision);
        using var second = NewLearner(other.ChannelsLast, other.Precision);
        using var firsts = OneBatch(samples, one.ChannelsLast);
        using var seconds = OneBatch(samples, other.ChannelsLast);
        Bare(first, firsts, 2);
        Bare(second, seconds, 2);
        var ratios = new List<double>();
        for (var i = 0; i < 3; i++)
        {
            ratios.Add(Bare(first, firsts, steps) / Bare(second, seconds, steps));
        }

        report($"{Name(one)} over {Name(other)}: {string.Join(", ", ratios.Select(r => $"{r:0.00}"))} times as fast");
        return LoaderBench.Median(ratios);

        static string Name((bool ChannelsLast, ComputePrecision Precision) setting) =>
            $"{setting.Precision} channels {(setting.ChannelsLast ? "last" : "first")}";
    }

    private double OptimizerShare(Learner learner, DeviceBatch images, int steps)
    {
        var step = LoaderBench.Median(Enumerable.Range(0, 3).Select(_ => images.Count / Bare(learner, images, steps)));
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < steps; i++)
        {
            var norm = learner.Optimizer.GradientNorm(1);
            learner.Optimizer.Step(0, 1, norm);
        }

        return watch.Elapsed.TotalSeconds / steps / step;
    }

    // Least squares.
    private static double Slope(double[] values)
    {
        var (n, mean, middle) = (values.Length, values.Average(), (values.Length - 1) / 2.0);
        return n < 2 ? 0 : values.Select((v, i) => (i - middle) * (v - mean)).Sum() / Enumerable.Range(0, n).Sum(i => (i - middle) * (i - middle));
    }
}
