using System.Collections.Immutable;

namespace SketchFlow.Inference;

/// <summary>The answer for one image.</summary>
/// <param name="Name">Name of the image, as it was given.</param>
/// <param name="Top">The most probable classes, most probable first; empty for an image that could not be used.</param>
/// <param name="Error">The reason why it could not be used, as a clause; null for a classified image.</param>
public sealed record ClassifiedImage(string Name, ImmutableArray<ClassProbability> Top, string? Error = null)
{
    /// <summary>Returns the name with the most probable class, or with the reason why there is none.</summary>
    public override string ToString() => $"{Name}: {Error ?? Top[0].ToString()}";
}
