using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    // Number of pixels per side from which a group's mean is estimated.
    private const long SampledPixels = 4;

    /// <summary>Declares group normalisation over (N, C, H, W) (Wu and He 2018), by default in 32 groups.</summary>
    public static Layer GroupNorm(ParameterScope scope, long channels, double epsilon = 1e-5, Initializer? gamma = null, long groups = 32)
    {
        var weight = scope.Parameter("weight", [channels], gamma ?? Initializer.Ones);
        var bias = scope.Parameter("bias", [channels], Initializer.Zeros);
        var name = scope.Path;
        return Tidy((pass, x) =>
            pass.Counter?.Normalize(name, x) ?? F.group_norm(SubtractSampledMean(x, groups), groups, pass[weight], pass[bias], epsilon));
    }

    /// <summary>
    /// Subtracts from each group of channels the mean of some of its pixels. libtorch computes the variance of channels-last images as
    /// E[x²] - E[x]² in float32, which loses digits when the mean is large compared with the deviation: ten times the error of timm (which runs
    /// contiguous) in BiT's ResNets, whose shortcuts add up before they are normalised. Normalisation is invariant to the shift, so it needs
    /// no gradient. 16-bit inputs are rounded more coarsely than this error, and other layouts and devices do not lose digits; both are left
    /// unchanged.
    /// </summary>
    private static torch.Tensor SubtractSampledMean(torch.Tensor x, long groups)
    {
        if (x.dtype != torch.ScalarType.Float32 || x.device_type != DeviceType.CPU || x.is_contiguous())
        {
            return x;
        }

        torch.Tensor shift;
        using (torch.no_grad())
        {
            var (batch, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
            var some = x
                .slice(2, height / (2 * SampledPixels), height, Math.Max(1, height / SampledPixels))
                .slice(3, width / (2 * SampledPixels), width, Math.Max(1, width / SampledPixels));
            shift = some.mean([2, 3]).reshape(batch, groups, -1).mean([2], keepdim: true)
                .expand(batch, groups, channels / groups)
                .reshape(batch, channels, 1, 1);
        }

        return x - shift;
    }

    /// <summary>Declares group normalisation followed by ReLU in place (see <see cref="ReluInPlace"/>).</summary>
    public static Layer GroupNormRelu(ParameterScope scope, long channels, double epsilon = 1e-5) =>
        Sequential(GroupNorm(scope, channels, epsilon), ReluInPlace);
}
