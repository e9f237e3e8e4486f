namespace SketchFlow.Learning.Weights.Hub;

/// <summary>A file to download.</summary>
/// <param name="Repository">Name of the repository.</param>
/// <param name="File">Name of the file in the repository.</param>
/// <param name="Address">Address of the file.</param>
/// <param name="Description">The hub's description of the file.</param>
/// <param name="Path">Path of the blob in the cache.</param>
internal sealed record HubBlob(string Repository, string File, Uri Address, HubFileDescription Description, string Path)
{
    /// <summary>Name for progress and messages.</summary>
    public string Title => $"{Repository} {File}";
}
