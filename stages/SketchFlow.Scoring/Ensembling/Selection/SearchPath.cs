using System.Collections.Immutable;
using SketchFlow.Scoring.Ensembling.Combining;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Where a search went, and the ensemble it ended with.</summary>
/// <param name="Steps">All steps, also those after the best.</param>
/// <param name="Counts">How often each model is in the best ensemble; as weights they give it to <see cref="Combine.SoftVote"/>.</param>
/// <param name="Score">Its score; more is better.</param>
public sealed record SearchPath(ImmutableArray<SearchStep> Steps, ImmutableArray<int> Counts, double Score)
{
    /// <summary>The counts as weights of <see cref="Combine.SoftVote"/>.</summary>
    public IReadOnlyList<double> Weights => [.. Counts.Select(c => (double)c)];
}
