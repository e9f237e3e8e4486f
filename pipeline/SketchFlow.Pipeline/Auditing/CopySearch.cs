using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Auditing;

/// <summary>The outcome of the search for copies with other labels.</summary>
/// <param name="Found">The first such copy of each image, by the image's path; null if they were not searched for.</param>
/// <param name="Reason">Reason why they were not searched for; null if they were.</param>
internal sealed record CopySearch(ImmutableSortedDictionary<string, ConflictingCopy>? Found, string? Reason = null);
