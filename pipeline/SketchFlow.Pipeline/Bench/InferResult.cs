namespace SketchFlow.Pipeline.Bench;

/// <summary>What inference came to, in images a second.</summary>
/// <param name="ImagesPerSecond">The whole pipeline: files to logits.</param>
/// <param name="BareImagesPerSecond">The model alone, on a batch already in memory.</param>
public sealed record InferResult(double ImagesPerSecond, double BareImagesPerSecond);
