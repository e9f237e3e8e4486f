using System.Collections.Immutable;
using SketchFlow.Learning.Inference;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>One pass over the images: at which size they are prepared and the model runs, and the views of each.</summary>
/// <param name="Name">The scale, such as <c>x1.25</c>; empty at the model's own size.</param>
/// <param name="Side">Side of the model's input in pixels.</param>
/// <param name="Prepared">Side to which images are brought; larger than <paramref name="Side"/> where the views are crops.</param>
/// <param name="Views">The views.</param>
public sealed record TestTimePass(string Name, int Side, int Prepared, ImmutableArray<TtaView> Views)
{
    /// <summary>What a view of this pass is called, such as <c>x1.25-hflip</c>.</summary>
    public string NameOf(TtaView view) => Name.Length == 0 ? $"{view}" : view == TtaView.Plain ? Name : $"{Name}-{view}";
}
