using System.Collections.Immutable;
using SketchFlow.Learning.Models;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Classification;

/// <summary>The facts that are needed to compute logits with one file of weights.</summary>
/// <param name="Name">Name for messages.</param>
/// <param name="File">The file of weights.</param>
/// <param name="Recipe">Architecture, size and preparation of the images.</param>
/// <param name="Classes">The classes in the order of the logits.</param>
internal sealed record NetworkPlan(string Name, string File, Recipe Recipe, ImmutableArray<ClassName> Classes)
{
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
}
