using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>One voter's first classes for an image.</summary>
/// <param name="Run">The run, or <c>ensemble</c>.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Classes">Class names and calibrated probabilities, the most probable first.</param>
public sealed record ExplainedPrediction(string Run, double Weight, ImmutableArray<(string Class, double Probability)> Classes);
