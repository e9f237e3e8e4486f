namespace SketchFlow.Data.Files.Parquet;

/// <summary>Receives a byte string of a column.</summary>
/// <param name="isPresent">Whether the row has a value.</param>
/// <param name="bytes">The value, valid during the call only; empty where there is none.</param>
public delegate void ParquetBytesVisitor(bool isPresent, ReadOnlySpan<byte> bytes);
