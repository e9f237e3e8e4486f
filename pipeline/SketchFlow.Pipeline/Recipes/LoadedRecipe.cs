using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>A recipe read from a file.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Dropped">Keys that were not used, because their section's kind was replaced by one without them.</param>
public sealed record LoadedRecipe(Recipe Recipe, ImmutableArray<DroppedKey> Dropped);
