using SketchFlow.Data.Outcomes;
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
            if (pass.Counter is { } counter)
            {
                return counter.Normalize(name, x);
            }

            var usesBatch = pass.Training && !pass.IsFrozen(mean);
            if (usesBatch && x.numel() == channels)
            {
                // As PyTorch's batch_norm: the variance of one value is not a number, and would stay in the running statistics.
                throw new RefusalException(
                    $"Expected more than 1 value per channel when training, got ({string.Join(", ", x.shape)}) in the batch norm {name}; "
                    + "use a larger batch or larger images.");
            }

            return F.batch_norm(
                x,
                pass[mean],
                pass[variance],
                pass[weight],
                pass[bias],
                usesBatch,
                pass.Recomputing ? 0 : pass.BatchNormMomentum ?? momentum,
                epsilon);
        };
    }

    /// <summary>Declares batch normalisation followed by ReLU in place (see <see cref="ReluInPlace"/>).</summary>
    public static Layer BatchNorm2dRelu(ParameterScope scope, long channels, double epsilon = 1e-5, double momentum = 0.1) =>
        Sequential(BatchNorm2d(scope, channels, epsilon, momentum), ReluInPlace);
}
