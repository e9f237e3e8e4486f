namespace SketchFlow.Data.Files.Parquet;

/// <summary>Place of a column chunk in its file, according to the footer.</summary>
/// <param name="IsCompressed">Whether its pages are compressed.</param>
/// <param name="Start">Offset of the first page in bytes.</param>
/// <param name="Length">Length of all pages with their headers in bytes.</param>
/// <param name="Values">Number of values, missing ones included.</param>
internal readonly record struct ParquetChunkPlace(bool IsCompressed, long Start, long Length, long Values);
