using System.Collections.Immutable;
using SketchFlow.Inference;

namespace SketchFlow.Pipeline.Serving.Queue;

/// <summary>The answer for one image of a request.</summary>
/// <param name="Top">The most probable classes, most probable first; empty for an image that has no answer.</param>
/// <param name="Status">Status of the response, if this is its only image.</param>
/// <param name="Error">The reason why there is no answer; null for a classified image.</param>
internal sealed record ImageAnswer(ImmutableArray<ClassProbability> Top, int Status, string? Error)
{
    /// <summary>Answer for an image that was still waiting when the server ended.</summary>
    public static ImageAnswer Stopped { get; } = new([], 503, "the server ended before the image was classified");

    /// <summary>Creates the answer for an image that the decoder rejects.</summary>
    public static ImageAnswer Reject(string reason) => new([], 422, reason);

    /// <summary>Creates the answer for an image that the engine could not compute.</summary>
    public static ImageAnswer Fail(string reason) => new([], 500, reason);
}
