using System.Collections.Immutable;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Result of bagged selection.</summary>
/// <param name="Bags">Positions of the models in each bag, and the path of its selection.</param>
/// <param name="Weights">One per model, summing to 1: the mean of the ensembles' shares over the bags.</param>
public sealed record BaggedSelection(ImmutableArray<(ImmutableArray<int> Models, SearchPath Path)> Bags, ImmutableArray<double> Weights);
