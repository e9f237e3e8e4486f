namespace SketchFlow.Pipeline.Runs.Logits;

/// <summary>A logits file and the SHA-256 of its bytes.</summary>
/// <param name="Path">Path relative to the folder of logits.</param>
/// <param name="Sha256">SHA-256 in lower-case hexadecimal.</param>
public sealed record TableFile(string Path, string Sha256);
