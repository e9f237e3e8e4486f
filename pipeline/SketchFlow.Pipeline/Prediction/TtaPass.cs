using System.Collections.Immutable;
using SketchFlow.Learning.Inference;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>One pass of test-time augmentation over the images: a size of the model's input, and the views at that size.</summary>
/// <param name="Name">The scale, such as <c>x1.25</c>; empty at the model's own size.</param>
/// <param name="Side">Side of the model's input in pixels.</param>
/// <param name="PreparedSide">Side to which images are resized; larger than <paramref name="Side"/> if the views are crops.</param>
/// <param name="Views">The views of each image.</param>
public sealed record TtaPass(string Name, int Side, int PreparedSide, ImmutableArray<TtaView> Views)
{
    /// <summary>Gets the name of a view of this pass, such as <c>x1.25-hflip</c>.</summary>
    public string NameOf(TtaView view) => Name.Length == 0 ? $"{view}" : view == TtaView.Plain ? Name : $"{Name}-{view}";
}
