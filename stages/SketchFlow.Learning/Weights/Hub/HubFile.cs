namespace SketchFlow.Learning.Weights.Hub;

/// <summary>A file of weights in the cache.</summary>
/// <param name="Repository">Name of the repository, such as <c>timm/resnet18.a1_in1k</c>.</param>
/// <param name="File">Name of the file in the repository.</param>
/// <param name="Path">Path of the file in the cache.</param>
/// <param name="Bytes">Length in bytes.</param>
/// <param name="Downloaded">Number of bytes downloaded by this call; 0 if the cache had the file.</param>
public sealed record HubFile(string Repository, string File, string Path, long Bytes, long Downloaded);
