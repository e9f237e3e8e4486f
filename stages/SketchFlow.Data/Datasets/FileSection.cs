namespace SketchFlow.Data.Datasets;

/// <summary>A range of bytes within a file.</summary>
/// <param name="Offset">Position of the first byte.</param>
/// <param name="Length">Number of bytes.</param>
public readonly record struct FileSection(long Offset, int Length);
