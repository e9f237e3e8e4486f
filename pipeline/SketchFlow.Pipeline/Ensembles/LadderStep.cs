using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>One rung of the ladder: the ensemble so far.</summary>
/// <param name="Added">The run that came.</param>
/// <param name="Score">The score with it, and its interval.</param>
/// <param name="Gain">The score less that of the rung before; for the first its own.</param>
public sealed record LadderStep(string Added, Interval Score, double Gain);
