using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Predictions of an ensemble and its members for one image.</summary>
/// <param name="Split">val or test.</param>
/// <param name="Id">Row number.</param>
/// <param name="ImagePath">Path of the image.</param>
/// <param name="Target">Name of the true class, if known.</param>
/// <param name="Votes">The members, and the ensemble last.</param>
public sealed record Explanation(string Split, long Id, string ImagePath, string? Target, ImmutableArray<ExplainedPrediction> Votes);
