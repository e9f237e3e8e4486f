using System.Diagnostics;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Dataflow;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Bench;

/// <summary>Measures inference in the whole pipeline and by the model alone, alternately.</summary>
public static class InferBench
{
    /// <summary>Runs the measurements.</summary>
    /// <param name="recipe">Architecture, image size and batch size.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="device">Device of the tensors.</param>
    /// <param name="samples">Images to load.</param>
    /// <param name="rounds">Number of pairs of measurements; the medians are returned.</param>
    public static InferResult Run(Recipe recipe, int classes, ComputeDevice device, IReadOnlyList<Sample> samples, int rounds)
    {
        var architecture = RecipeModel.Build(recipe, classes);
        using var weights = ModelWeights.Fresh(architecture, recipe.Seed);
        using var model = FlatModel.Create(architecture, weights, device, recipe.ChannelsLast, learns: false);
        var inference = new InferenceStep(model, architecture.Preprocessing, MixedPrecision.Resolve(recipe.Amp, device));
        DeviceBatch? first = null;
        var flow = ImageFlow.Batches(ImageFlow.Options(recipe, architecture), samples);
        ImageFlow.Batches(ImageFlow.Options(recipe, architecture), [.. samples.Take(recipe.BatchSize)])
            .Run(batch => first = DeviceBatch.Upload(batch, architecture.Preprocessing, device));
        using var images = first ?? throw new RefusalException("None of the first images can be decoded, so there is no batch to measure with.");
        inference.Logits(images);
        var (whole, bare) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            flow.Run(batch => inference.Logits(batch));
            whole.Add(samples.Count / watch.Elapsed.TotalSeconds);
            watch.Restart();
            var batches = Math.Max(1, samples.Count / images.Count);
            for (var i = 0; i < batches; i++)
            {
                inference.Logits(images);
            }

            bare.Add(batches * images.Count / watch.Elapsed.TotalSeconds);
        }

        return new InferResult(Timing.Median(whole), Timing.Median(bare));
    }
}
