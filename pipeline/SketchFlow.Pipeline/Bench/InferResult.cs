namespace SketchFlow.Pipeline.Bench;

/// <summary>The measurements of inference, in images per second.</summary>
/// <param name="ImagesPerSecond">Rate of the whole pipeline, from files to logits.</param>
/// <param name="BareImagesPerSecond">Rate of the model alone, with a batch in memory.</param>
public sealed record InferResult(double ImagesPerSecond, double BareImagesPerSecond);
