namespace SketchFlow.Learning.Weights.Hub;

/// <summary>Weights that were fetched or found.</summary>
/// <param name="Repository">Such as <c>timm/resnet18.a1_in1k</c>.</param>
/// <param name="File">The file's name in it.</param>
/// <param name="Path">Where it lies in the cache.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Downloaded">Bytes that came over the network this time; 0 where the cache had them.</param>
public sealed record HubFile(string Repository, string File, string Path, long Bytes, long Downloaded);
