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

/// <summary>
/// The training step without data loading that all measurements use: a newly initialised model and a batch in memory. For inference it is
/// <see cref="InferenceStep.Logits(DeviceBatch)"/>.
/// </summary>
public static class IsolatedStep
{
    /// <summary>Creates a learner with newly initialised weights.</summary>
    /// <param name="recipe">Loss, optimiser, weight average, gradient accumulation, activation checkpointing and seed.</param>
    /// <param name="architecture">The model.</param>
    /// <param name="device">Device of the tensors.</param>
    /// <param name="channelsLast">Whether convolution weights have the channels-last layout.</param>
    /// <param name="precision">Precision of matrix products and convolutions.</param>
    public static Learner CreateLearner(Recipe recipe, Architecture architecture, ComputeDevice device, bool channelsLast, ComputePrecision precision)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        using var weights = ModelWeights.Fresh(architecture, recipe.Seed);
        var model = FlatModel.Create(architecture, weights, device, channelsLast, learns: true);
        return new Learner(
            // Isolated steps must do the same work as those of the pipeline: without class balance, which needs counts, and without Mixup and CutMix.
            recipe.Learner(recipe.Loss with { Balance = 0 }, precision) with { Mixing = new MixingOptions() }, model, architecture.Preprocessing);
    }

    /// <summary>Runs forward pass, loss, backward pass and optimiser step, with a learning rate that changes the weights little.</summary>
    public static void Train(Learner learner, DeviceBatch images, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ArgumentNullException.ThrowIfNull(recipe);
        learner.Step(images, recipe.Optimizer.LearningRate * 0.01);
    }

    /// <summary>Creates a batch of seeded colour noise at the architecture's input size; targets cycle through the classes.</summary>
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
