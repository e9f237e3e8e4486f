using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>An image that could not be used, with its split.</summary>
/// <param name="Split">Split of the image: train, val or test.</param>
/// <param name="Rejected">The image and the reason.</param>
internal sealed record SplitRejection(string Split, Rejected Rejected);
