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
        return Tidy((pass, x) => pass.Counter?.Normalize(name, x)
            ?? (x * ((Widened(x).var([-1], unbiased: true, keepdim: true) + epsilon).rsqrt().to(x.dtype) * pass[weight].to(x.dtype))));
    }
}
