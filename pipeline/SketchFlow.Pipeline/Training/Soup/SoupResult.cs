using System.Collections.Immutable;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training.Soup;

/// <summary>The result of a soup.</summary>
/// <param name="Ingredients">All weights that were tried.</param>
/// <param name="Metrics">The result of the soup on the validation images.</param>
public sealed record SoupResult(ImmutableArray<SoupIngredient> Ingredients, EpochMetrics Metrics);
