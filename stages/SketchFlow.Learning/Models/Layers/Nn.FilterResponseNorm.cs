using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Filter response normalisation over (N, C, H, W) (Singh and Krishnan 2020; timm's <c>FilterResponseNormTlu2d</c>): each channel of
    /// each image over its root mean square, then a weight and a bias, and the larger of that and a learned threshold in an activation's
    /// place.
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="channels">Channels in and out.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="activates">Whether there is a threshold, <c>tau</c>.</param>
    /// <param name="gamma">Start of the weight; null is one.</param>
    public static Layer FilterResponseNorm(ParameterScope scope, long channels, double epsilon, bool activates, Initializer? gamma = null)
    {
        var weight = scope.Parameter("weight", [channels], gamma ?? Initializer.Ones);
        var bias = scope.Parameter("bias", [channels], Initializer.Zeros);
        TensorSlot? threshold = activates ? scope.Parameter("tau", [channels], Initializer.Zeros) : null;
        var name = scope.Path;
        return Tidy((pass, x) =>
        {
            if (pass.Tally is { } tally)
            {
                return tally.Normalize(name, x);
            }

            var inverse = (Widened(x).square().mean([2, 3], keepdim: true) + epsilon).rsqrt().to(x.dtype);
            var y = torch.addcmul(PerChannel(pass[bias], x), x, PerChannel(pass[weight], x) * inverse, 1);
            return pass[threshold] is { } tau ? y.maximum(PerChannel(tau, x)) : y;
        });
    }
}
