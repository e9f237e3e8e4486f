using System.Collections.Immutable;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>One transform, for people.</summary>
/// <param name="Name">As recipes write it.</param>
/// <param name="Meaning">What it does.</param>
/// <param name="Options">Its options, p last.</param>
public sealed record TransformDescription(string Name, string Meaning, ImmutableArray<TransformOption> Options);
