using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>One searched setting.</summary>
/// <param name="Name">Name in the sweep file; names of nested parameters are joined by dots.</param>
/// <param name="Key">Key of the recipe; <see cref="RecipeAliases.Model"/> stands for <c>--model</c>.</param>
/// <param name="Distribution">Distribution of its values.</param>
public sealed record SweepParameter(string Name, string Key, Distribution Distribution);
