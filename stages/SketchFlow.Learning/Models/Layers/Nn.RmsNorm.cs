using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>Declares division by the root mean square over the last dimension, then a weight (Zhang and Sennrich 2019; timm's <c>RmsNorm</c>).</summary>
    public static Layer RmsNorm(ParameterScope scope, long channels, double epsilon = 1e-6)
    {
        var weight = scope.Parameter("weight", [channels], Initializer.Ones);
        var name = scope.Path;
        return Tidy((pass, x) =>
            pass.Named(name, LayerKind.Normalization, x * (x.Square().Mean([-1], keep: true) + epsilon).ReciprocalSquareRoot() * pass[weight]));
    }
}
