using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Batch normalisation over (N, C, H, W). In training it takes the batch's statistics and moves the running ones by
    /// <paramref name="momentum"/> in place, unless the pass freezes them; <c>num_batches_tracked</c> is the trainer's to advance.
    /// </summary>
    public static Layer BatchNorm2d(ParameterScope scope, long channels, double epsilon = 1e-5, double momentum = 0.1, Initializer? gamma = null)
    {
        var weight = scope.Parameter("weight", [channels], gamma ?? Initializer.Ones);
        var bias = scope.Parameter("bias", [channels], Initializer.Zeros);
        var mean = scope.Buffer("running_mean", [channels], Initializer.Zeros);
        var variance = scope.Buffer("running_var", [channels], Initializer.Ones);
        scope.Counter("num_batches_tracked");
        var name = scope.Path;
        return (pass, x) => pass.Tally?.Normalize(name, x) ?? F.batch_norm(
            x, pass[mean], pass[variance], pass[weight], pass[bias], pass.Training && !pass.IsFrozen(mean), pass.Recomputing ? 0 : pass.Momentum ?? momentum, epsilon);
    }

    /// <summary>Batch normalisation, then ReLU in its place: autograd keeps the normalisation's input, not its output, so that is safe.</summary>
    public static Layer BatchNorm2dRelu(ParameterScope scope, long channels, double epsilon = 1e-5, double momentum = 0.1) =>
        Sequence(BatchNorm2d(scope, channels, epsilon, momentum), ReluInPlace);
}
