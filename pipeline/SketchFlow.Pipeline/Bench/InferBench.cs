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

/// <summary>Inference in the pipeline and bare, in turns.</summary>
public static class InferBench
{
    /// <summary>Measures.</summary>
    /// <param name="recipe">Architecture, size, batch.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="device">Where tensors live.</param>
    /// <param name="samples">Images.</param>
    /// <param name="rounds">Pairs of measurements; the medians count.</param>
    public static InferResult Run(Recipe recipe, int classes, ComputeDevice device, IReadOnlyList<Sample> samples, int rounds)
    {
        var architecture = RecipeModel.Build(recipe, classes);
        using var weights = ModelWeights.Fresh(architecture, recipe.Seed);
        using var model = FlatModel.Create(architecture, weights, device, recipe.ChannelsLast, learns: false);
        var inference = new InferenceStep(model, architecture.Preprocessing, MixedPrecision.Resolve(recipe.Amp, device));
        DeviceBatch? held = null;
        var flow = ImageFlow.Batches(ImageFlow.Options(recipe, architecture), samples);
        ImageFlow.Batches(ImageFlow.Options(recipe, architecture), [.. samples.Take(recipe.BatchSize)])
            .Run(batch => held = DeviceBatch.Upload(batch, architecture.Preprocessing, device));
        using var images = held ?? throw new RefusalException("None of the first images could be used; there is nothing to measure with.");
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

        return new InferResult(LoaderBench.Median(whole), LoaderBench.Median(bare));
    }
}
