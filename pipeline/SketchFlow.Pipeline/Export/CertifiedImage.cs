using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Export;

/// <summary>One image of a certificate.</summary>
/// <param name="Name">Name of the drawing.</param>
/// <param name="PixelsSha256">SHA-256 of the red, green and blue bytes that both models received.</param>
/// <param name="Logits">Logits of the trained model.</param>
/// <param name="ExportedLogits">Logits of the exported model.</param>
public sealed record CertifiedImage(string Name, string PixelsSha256, ImmutableArray<float> Logits, ImmutableArray<float> ExportedLogits);
