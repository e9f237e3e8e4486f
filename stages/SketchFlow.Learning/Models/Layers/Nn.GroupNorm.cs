using SketchFlow.Learning.Models.Graphs;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>Declares group normalisation over (N, C, H, W) (Wu and He 2018), by default in 32 groups.</summary>
    public static Layer GroupNorm(ParameterScope scope, long channels, double epsilon = 1e-5, Initializer? gamma = null, long groups = 32)
    {
        var weight = scope.Parameter("weight", [channels], gamma ?? Initializer.Ones);
        var bias = scope.Parameter("bias", [channels], Initializer.Zeros);
        var name = scope.Path;
        return Tidy((pass, x) => pass.Named(name, LayerKind.Normalization, x.GroupNorm(groups, epsilon, pass[weight], pass[bias])));
    }

    /// <summary>Declares group normalisation followed by ReLU in place (see <see cref="ReluInPlace"/>).</summary>
    public static Layer GroupNormRelu(ParameterScope scope, long channels, double epsilon = 1e-5) =>
        Sequential(GroupNorm(scope, channels, epsilon), ReluInPlace);
}
