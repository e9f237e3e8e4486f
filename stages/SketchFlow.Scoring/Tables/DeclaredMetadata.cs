namespace SketchFlow.Scoring.Tables;

/// <summary>Metadata of a table, and the number of rows and the hash of the logits that they declare.</summary>
/// <param name="Metadata">The metadata.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="LogitsSha256">SHA-256 of the logits in the order of the file, lower-case hexadecimal.</param>
internal sealed record DeclaredMetadata(LogitsMetadata Metadata, long Rows, string LogitsSha256);
