using System.Collections.Immutable;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>Description of one transform.</summary>
/// <param name="Name">Name in recipes.</param>
/// <param name="Meaning">Summary from its documentation.</param>
/// <param name="Options">Options, p last.</param>
public sealed record TransformDescription(string Name, string Meaning, ImmutableArray<TransformOption> Options);
