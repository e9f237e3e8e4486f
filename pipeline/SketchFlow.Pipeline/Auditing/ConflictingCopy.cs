namespace SketchFlow.Pipeline.Auditing;

/// <summary>A copy of an image that carries another label.</summary>
/// <param name="ImagePath">Path of the copy as the data set writes it.</param>
/// <param name="ClassName">Class of the copy.</param>
internal sealed record ConflictingCopy(string ImagePath, string ClassName);
