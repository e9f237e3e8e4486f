namespace SketchFlow.Data.Datasets;

/// <summary>An image in a folder of a class, or a folder that cannot be read.</summary>
/// <param name="File">Path of the file or folder.</param>
/// <param name="Fault">Reason why it cannot be used; null for an image.</param>
internal readonly record struct FoundImage(string File, string? Fault);
