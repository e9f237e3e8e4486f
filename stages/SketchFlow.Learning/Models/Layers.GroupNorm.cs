using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models;

public static partial class Layers
{
    /// <summary>Group normalisation over (N, C, H, W) (Wu and He 2018), in 32 groups unless told otherwise.</summary>
    public static Layer GroupNorm(Scope scope, long channels, double epsilon = 1e-5, Start? gamma = null, long groups = 32)
    {
        var weight = scope.Parameter("weight", [channels], gamma ?? Start.Ones);
        var bias = scope.Parameter("bias", [channels], Start.Zeros);
        var name = scope.Path;
        return (pass, x) => pass.Tally?.Normalize(name, x) ?? F.group_norm(x, groups, pass[weight], pass[bias], epsilon);
    }

    /// <summary>Group normalisation, then ReLU in its place: safe, as autograd keeps its input.</summary>
    public static Layer GroupNormRelu(Scope scope, long channels, double epsilon = 1e-5) => Sequence(GroupNorm(scope, channels, epsilon), ReluInPlace);
}
