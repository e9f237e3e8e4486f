using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>How an ensemble voted on one image.</summary>
/// <param name="Split">val or test.</param>
/// <param name="Id">Row number.</param>
/// <param name="ImagePath">The image.</param>
/// <param name="Target">Its class, where known.</param>
/// <param name="Votes">The members, and the whole last.</param>
public sealed record Explanation(string Split, long Id, string ImagePath, string? Target, ImmutableArray<ExplainedPrediction> Votes);
