using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>A recipe read from a file.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Dropped">Keys that were not used, because their section's kind was replaced by one without them.</param>
public sealed record LoadedRecipe(Recipe Recipe, ImmutableArray<DroppedKey> Dropped)
{
    /// <summary>Names the source of a key's value: file and line, preset, weights or <c>--set</c>; null for a default.</summary>
    public required Func<string, string?> SourceOf { get; init; }
}
