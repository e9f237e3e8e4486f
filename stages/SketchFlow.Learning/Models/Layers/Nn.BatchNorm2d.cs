using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models.Graphs;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares batch normalisation over (N, C, H, W). In training it uses the batch's statistics and updates the running statistics in
    /// place with <paramref name="momentum"/>, unless they are frozen; the trainer advances <c>num_batches_tracked</c>.
    /// </summary>
    public static Layer BatchNorm2d(ParameterScope scope, long channels, double epsilon = 1e-5, double momentum = 0.1, Initializer? gamma = null)
    {
        var weight = scope.Parameter("weight", [channels], gamma ?? Initializer.Ones);
        var bias = scope.Parameter("bias", [channels], Initializer.Zeros);
        var mean = scope.Buffer("running_mean", [channels], Initializer.Zeros);
        var variance = scope.Buffer("running_var", [channels], Initializer.Ones);
        scope.Counter("num_batches_tracked");
        var name = scope.Path;
        return (pass, x) =>
        {
            var settings = new Operation.BatchNorm(
                name, epsilon, pass.Training && !pass.IsFrozen(mean), pass.Recomputing ? 0 : pass.BatchNormMomentum ?? momentum);
            var y = x.BatchNorm(settings, pass[mean], pass[variance], pass[weight], pass[bias]);
            return pass.Named(name, LayerKind.Normalization, y);
        };
    }

    /// <summary>Declares batch normalisation followed by ReLU in place (see <see cref="ReluInPlace"/>).</summary>
    public static Layer BatchNorm2dRelu(ParameterScope scope, long channels, double epsilon = 1e-5, double momentum = 0.1) =>
        Sequential(BatchNorm2d(scope, channels, epsilon, momentum), ReluInPlace);
}
