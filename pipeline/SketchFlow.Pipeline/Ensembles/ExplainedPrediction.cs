using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Most probable classes of one image, as predicted by one member or by the ensemble.</summary>
/// <param name="Run">The run, or <c>ensemble</c>.</param>
/// <param name="Weight">Weight in the ensemble.</param>
/// <param name="Classes">Class names and calibrated probabilities, the most probable first.</param>
public sealed record ExplainedPrediction(string Run, double Weight, ImmutableArray<(string Class, double Probability)> Classes);
