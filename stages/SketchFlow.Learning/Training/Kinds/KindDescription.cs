using System.Collections.Immutable;

namespace SketchFlow.Learning.Training.Kinds;

/// <summary>Description of one kind, for the reference pages.</summary>
/// <param name="Section">Section of a recipe, such as <c>loss</c>.</param>
/// <param name="Name">Name of the kind, such as <c>focal</c>.</param>
/// <param name="Summary">Meaning of the kind.</param>
/// <param name="Options">Options of the kind: its own, then those that all kinds of the section have.</param>
public sealed record KindDescription(string Section, string Name, string Summary, ImmutableArray<KindOption> Options);
