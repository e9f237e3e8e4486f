using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// EvoNorm-S0 over (N, C, H, W) (Liu et al. 2020; timm's <c>EvoNorm2dS0</c>): x sigmoid(v x) over the standard deviation of its group of
    /// channels, then a weight and a bias; samples do not see each other.
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="channels">Channels in and out.</param>
    /// <param name="groups">Groups of channels that share a deviation.</param>
    /// <param name="epsilon">Added to the variance: 1e-5, and 1e-3 in timm's <c>S0a</c>.</param>
    /// <param name="activates">Whether there is the sigmoid, and with it a <c>v</c>.</param>
    /// <param name="divides">Whether x is divided by the deviation: in timm's <c>S0</c> only where it activates, in <c>S0a</c> always.</param>
    /// <param name="gamma">Start of the weight; null is one.</param>
    public static Layer EvoNorm(ParameterScope scope, long channels, long groups, double epsilon, bool activates, bool divides, Initializer? gamma = null)
    {
        var weight = scope.Parameter("weight", [channels], gamma ?? Initializer.Ones);
        var bias = scope.Parameter("bias", [channels], Initializer.Zeros);
        TensorSlot? slope = activates ? scope.Parameter("v", [channels], Initializer.Ones) : null;
        var name = scope.Path;
        return Tidy((pass, x) =>
        {
            if (pass.Tally is { } tally)
            {
                return tally.Normalize(name, x);
            }

            var (scale, shift) = (PerChannel(pass[weight], x), PerChannel(pass[bias], x));
            if (divides)
            {
                // Divided where it is small, by sample and channel, so that the image is passed over as rarely as can be.
                var (batch, height, width) = (x.shape[0], x.shape[2], x.shape[3]);
                var variance = Widened(x).reshape(batch, groups, channels / groups, height, width).var([2, 3, 4], unbiased: false, keepdim: true);
                var inverse = (variance + epsilon).rsqrt().to(x.dtype).reshape(batch, groups, 1).expand(batch, groups, channels / groups);
                scale = scale * inverse.reshape(batch, channels, 1, 1);
            }

            return torch.addcmul(shift, pass[slope] is { } v ? x * (x * PerChannel(v, x)).sigmoid() : x, scale, 1);
        });
    }

    /// <summary>A vector of one number a channel, for use with (N, C, H, W) and in its type.</summary>
    private static torch.Tensor PerChannel(torch.Tensor vector, torch.Tensor image) => vector.reshape(1, -1, 1, 1).to(image.dtype);

    /// <summary>Statistics are never taken in sixteen bits.</summary>
    private static torch.Tensor Widened(torch.Tensor x) => x.dtype is torch.ScalarType.BFloat16 or torch.ScalarType.Float16 ? x.to(torch.ScalarType.Float32) : x;
}
