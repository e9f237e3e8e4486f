using SketchFlow.Pipeline.Serving.Queue;

namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>An image in a response: its classes, or the reason why it has none.</summary>
/// <param name="Name">Name of the image in a list; null for a single image.</param>
/// <param name="Top">The most probable classes, most probable first; null for an image without an answer.</param>
/// <param name="Error">The reason why there is no answer; else null.</param>
/// <param name="Status">Status that the image alone would have had, where there is no answer; else null.</param>
internal sealed record PredictedImage(string? Name, PredictedClass[]? Top, string? Error, int? Status)
{
    /// <summary>Creates the image of a response.</summary>
    public static PredictedImage From(string? name, ImageAnswer answer) => answer.Error is null
        ? new PredictedImage(name, [.. answer.Top.Select(c => new PredictedClass(c.Class.Name, c.Index, c.Class.Synset, c.Probability))], null, null)
        : new PredictedImage(name, null, answer.Error, answer.Status);
}
