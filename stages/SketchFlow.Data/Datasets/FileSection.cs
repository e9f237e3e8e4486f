namespace SketchFlow.Data.Datasets;

/// <summary>Bytes within a file.</summary>
/// <param name="Offset">The first.</param>
/// <param name="Length">How many.</param>
public readonly record struct FileSection(long Offset, int Length);
