namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>The response to a request with a list of images.</summary>
/// <param name="Images">The images, in the order of the request.</param>
internal sealed record PredictedImages(PredictedImage[] Images);
