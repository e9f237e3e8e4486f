using System.Collections.Immutable;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>What bagged selection came to.</summary>
/// <param name="Bags">The models of each bag, as positions, and the path of its selection, which counts by those.</param>
/// <param name="Weights">One a model, summing to 1: the mean over the bags of each ensemble's shares.</param>
public sealed record BaggedSelection(ImmutableArray<(ImmutableArray<int> Models, SearchPath Path)> Bags, ImmutableArray<double> Weights);
