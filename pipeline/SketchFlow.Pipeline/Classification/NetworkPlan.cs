using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Classification;

/// <summary>The facts that are needed to compute logits with one file of weights.</summary>
/// <param name="Name">Name for messages.</param>
/// <param name="File">The file of weights.</param>
/// <param name="Recipe">Architecture, size and preparation of the images.</param>
/// <param name="Classes">The classes in the order of the logits.</param>
internal sealed record NetworkPlan(string Name, string File, Recipe Recipe, ImmutableArray<ClassName> Classes)
{
    /// <summary>The run or fold that the weights are of; null for other files of weights.</summary>
    public RunFolder? Run { get; init; }

    /// <summary>Preprocessing that replaces the architecture's own; null keeps it.</summary>
    public Preprocessing? Preprocessing { get; init; }

    /// <summary>Temperature that calibrates the logits; null if the weights are not calibrated.</summary>
    public double? Temperature { get; init; }

    /// <summary>Builds the architecture.</summary>
    /// <param name="side">Side of the input in pixels; null is the recipe's.</param>
    public Architecture Build(int? side = null)
    {
        var architecture = RecipeModel.Build(side is null ? Recipe : Recipe with { ImageSize = side }, Classes.Length);
        return Preprocessing is null ? architecture : architecture with { Preprocessing = Preprocessing };
    }

    /// <summary>Loads the weights for inference.</summary>
    /// <param name="architecture">The architecture as built for the size of the images.</param>
    /// <param name="device">The device.</param>
    /// <param name="channelsLast">Whether convolution weights are in channels-last memory.</param>
    /// <exception cref="RefusalException">The weights do not match.</exception>
    public FlatModel Load(Architecture architecture, ComputeDevice device, bool channelsLast)
    {
        var (model, report) = FlatModel.Load(architecture, File, Recipe.Seed, device, channelsLast, learns: false);
        if (report.NewClassifier.IsEmpty)
        {
            return model;
        }

        model.Dispose();
        throw new RefusalException($"{File} was trained for another number of classes than the {Classes.Length} that it names; train it again.");
    }
}
