using System.Collections.Immutable;
using SketchFlow.Scoring.Ensembling.Combining;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Result of hill climbing over weights.</summary>
/// <param name="Moves">Shifts of weight: source model, destination model, number of parts, and the score afterwards.</param>
/// <param name="Parts">Weight of each model as a number of equal parts.</param>
/// <param name="Score">Final score; higher is better.</param>
public sealed record HillClimbResult(ImmutableArray<(int From, int To, int Parts, double Score)> Moves, ImmutableArray<int> Parts, double Score)
{
    /// <summary>Weights for <see cref="Combine.SoftVote"/>, summing to 1.</summary>
    public IReadOnlyList<double> Weights => [.. Parts.Select(p => p / (double)Parts.Sum())];
}
