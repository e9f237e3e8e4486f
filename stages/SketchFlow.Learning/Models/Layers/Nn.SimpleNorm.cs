using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares division by the (unbiased) standard deviation over the last dimension without subtracting the mean, then a weight (timm's
    /// <c>SimpleNorm</c>).
    /// </summary>
    public static Layer SimpleNorm(ParameterScope scope, long channels, double epsilon = 1e-6)
    {
        var weight = scope.Parameter("weight", [channels], Initializer.Ones);
        var name = scope.Path;
        return Tidy((pass, x) =>
        {
            var scale = (Widened(x).Variance([-1], unbiased: true) + epsilon).ReciprocalSquareRoot().To(x.Type) * pass[weight].To(x.Type);
            return pass.Named(name, LayerKind.Normalization, x * scale);
        });
    }
}
