using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Runs;

/// <summary>The content of <c>soup.json</c>: the options and ingredients of a soup.</summary>
/// <param name="Kind">The method: <c>Greedy</c> or <c>Uniform</c>.</param>
/// <param name="Statistics">The treatment of batch-norm statistics; <c>none</c> for a network without batch norms.</param>
/// <param name="Batches">Number of training batches for recalibrated statistics.</param>
/// <param name="Ingredients">All weights that were tried.</param>
public sealed record SoupManifest(string Kind, string Statistics, int Batches, ImmutableArray<SoupIngredient> Ingredients);
