namespace SketchFlow.Learning.Weights.Hub;

/// <summary>The hub's description of a file, from the headers of its answer.</summary>
/// <param name="Etag">The ETag without quotes: the SHA-256 of a large file, Git's SHA-1 of a small one.</param>
/// <param name="Commit">Commit of the repository.</param>
/// <param name="Size">Length in bytes; null if the hub does not specify it.</param>
internal sealed record HubFileDescription(string Etag, string Commit, long? Size);
