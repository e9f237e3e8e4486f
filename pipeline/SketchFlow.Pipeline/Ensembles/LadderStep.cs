using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Score of an ensemble after one more member, in the order of the largest gain.</summary>
/// <param name="Added">The run that was added.</param>
/// <param name="Score">Score with it, and its interval.</param>
/// <param name="Gain">Difference from the previous step's score; for the first step the score itself.</param>
public sealed record LadderStep(string Added, Interval Score, double Gain);
