using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>A key of a recipe, as <c>recipes keys</c> and the reference page describe it.</summary>
/// <param name="Key">Dotted path, such as <c>optimizer.learning_rate</c>.</param>
/// <param name="Type">Type of the value in words, such as <c>integer</c>.</param>
/// <param name="Default">Value of a recipe that does not set the key.</param>
/// <param name="Range">Range or choices; empty where every value of the type is accepted.</param>
/// <param name="Kinds">Kinds of the section that have the key; empty where all have it.</param>
/// <param name="Names">Other names of the key.</param>
/// <param name="Summary">Meaning.</param>
public sealed record RecipeKeyDescription(
    string Key, string Type, string Default, string Range, ImmutableArray<string> Kinds, ImmutableArray<string> Names, string Summary);
