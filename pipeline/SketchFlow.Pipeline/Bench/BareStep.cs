using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Machine;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Bench;

/// <summary>The bare training step that every measurement shares: a fresh model, and a batch already in memory. Inference's is <see cref="InferenceStep.Logits(DeviceBatch)"/>.</summary>
public static class BareStep
{
    /// <summary>A learner over fresh weights.</summary>
    /// <param name="recipe">Loss, optimiser, average, parts, checkpointing, seed.</param>
    /// <param name="architecture">The model.</param>
    /// <param name="device">Where tensors live.</param>
    /// <param name="channelsLast">How convolution weights lie.</param>
    /// <param name="precision">What products are computed in.</param>
    public static Learner Learner(Recipe recipe, Architecture architecture, ComputeDevice device, bool channelsLast, ComputePrecision precision)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        using var weights = ModelWeights.Fresh(architecture, recipe.Seed);
        var model = FlatModel.Create(architecture, weights, device, channelsLast, learns: true);
        return new Learner(
            // Bare steps and those of the pipeline must do the same: nothing is counted for a balance, and only the pipeline could mix.
            recipe.Learner(recipe.Loss with { Balance = 0 }, precision) with { Mixing = new MixingOptions() }, model, architecture.Preprocessing);
    }

    /// <summary>Forward, loss, backward and the optimiser's step, at a rate that moves the weights little.</summary>
    public static void Train(Learner learner, DeviceBatch images, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(recipe);
        learner.Step(images, recipe.Optimizer.LearningRate * 0.01);
    }

    /// <summary>A batch of noise in colour, seeded, at the architecture's input size; the targets go round the classes.</summary>
    public static DeviceBatch Noise(Architecture architecture, int images, ComputeDevice device)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        var (side, classes) = (architecture.InputSize, Math.Max(1, architecture.Options.Classes));
        var noise = new List<Pixels>();
        try
        {
            for (var i = 0; i < images; i++)
            {
                var pixels = Pixels.Rent(new Sample(i, $"noise {i}", $"noise {i}", i % classes), side, side, 3);
                noise.Add(pixels);
                var chance = KeyedRandom.For(1, 0, i, "noise");
                foreach (ref var level in pixels.Bytes)
                {
                    level = (byte)chance.NextInteger(0, 256);
                }
            }

            using var batch = PixelBatch.Stack(noise);
            return DeviceBatch.Upload(batch, architecture.Preprocessing, device);
        }
        finally
        {
            noise.ForEach(pixels => pixels.Dispose());
        }
    }
}
