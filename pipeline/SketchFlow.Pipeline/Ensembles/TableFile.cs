namespace SketchFlow.Pipeline.Ensembles;

/// <summary>One file of logits and the SHA-256 of its bytes.</summary>
/// <param name="Path">Below the folder of logits.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record TableFile(string Path, string Sha256);
