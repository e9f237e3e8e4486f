using System.Collections.Immutable;
using SketchFlow.Scoring.Ensembling.Combining;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Steps of a search and the best ensemble.</summary>
/// <param name="Steps">All steps, including those after the best.</param>
/// <param name="Counts">Number of times that each model is in the best ensemble; weights for <see cref="Combine.SoftVote"/>.</param>
/// <param name="Score">Score of the best ensemble; higher is better.</param>
public sealed record SearchPath(ImmutableArray<SearchStep> Steps, ImmutableArray<int> Counts, double Score)
{
    /// <summary>Counts as weights for <see cref="Combine.SoftVote"/>.</summary>
    public IReadOnlyList<double> Weights => [.. Counts.Select(c => (double)c)];
}
