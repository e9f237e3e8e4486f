using System.Collections.Immutable;
using SketchFlow.Scoring.Ensembling.Combining;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Where hill climbing went.</summary>
/// <param name="Moves">Shifts of weight: from which model, to which, how many parts, and the score after it.</param>
/// <param name="Parts">Weight of each model in whole parts.</param>
/// <param name="Score">Its score; more is better.</param>
public sealed record HillClimbResult(ImmutableArray<(int From, int To, int Parts, double Score)> Moves, ImmutableArray<int> Parts, double Score)
{
    /// <summary>The parts as weights of <see cref="Combine.SoftVote"/>, summing to 1.</summary>
    public IReadOnlyList<double> Weights => [.. Parts.Select(p => p / (double)Parts.Sum())];
}
