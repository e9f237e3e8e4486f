using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Training.Planning;

/// <summary>The memory that a training step needs, in bytes, without the program itself and its images.</summary>
/// <param name="Weights">The parameters, and their running average if there is one.</param>
/// <param name="Gradients">The gradients.</param>
/// <param name="Optimizer">The state of the optimiser.</param>
/// <param name="Activations">The values that the forward pass keeps for the backward pass, estimated.</param>
public sealed record MemoryEstimate(long Weights, long Gradients, long Optimizer, long Activations)
{
    // A layer's output is kept by the layer after it, and once more by the normalisation or activation between them.
    private const int CopiesOfOutput = 2;

    /// <summary>Sum of all parts.</summary>
    public long Total => Weights + Gradients + Optimizer + Activations;

    /// <summary>Estimates the memory of a step.</summary>
    /// <param name="recipe">The experiment.</param>
    /// <param name="architecture">The network at the image size of training.</param>
    /// <param name="learner">The learner, whose optimiser has its state.</param>
    /// <param name="precision">The data type that products are computed in.</param>
    internal static MemoryEstimate Create(Recipe recipe, Architecture architecture, Learner learner, ComputePrecision precision)
    {
        var images = Math.Max(1, recipe.BatchSize / Math.Max(1, recipe.Accumulation));
        var numbers = FlopCounter.Count(architecture, images).Layers.Sum(layer => layer.Output.Aggregate(1L, (product, side) => product * side));
        var parameters = sizeof(float) * architecture.Parameters;
        var activations = CopiesOfOutput * numbers * (precision == ComputePrecision.Float32 ? 4 : 2);
        return new MemoryEstimate(parameters * (learner.Average is null ? 1 : 2), parameters, learner.Optimizer.StateBytes, activations);
    }
}
