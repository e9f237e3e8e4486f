using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    private const long Sampled = 4; // pixels a side that a group's mean is estimated from

    /// <summary>Group normalisation over (N, C, H, W) (Wu and He 2018), in 32 groups unless told otherwise.</summary>
    public static Layer GroupNorm(ParameterScope scope, long channels, double epsilon = 1e-5, Initializer? gamma = null, long groups = 32)
    {
        var weight = scope.Parameter("weight", [channels], gamma ?? Initializer.Ones);
        var bias = scope.Parameter("bias", [channels], Initializer.Zeros);
        var name = scope.Path;
        return Tidy((pass, x) => pass.Tally?.Normalize(name, x) ?? F.group_norm(NearZero(x, groups), groups, pass[weight], pass[bias], epsilon));
    }

    /// <summary>
    /// <paramref name="x"/> less, in each group of channels, the mean of some of its pixels. libtorch takes the variance of channels-last
    /// images as E[x²] - E[x]² in float32, which loses as many digits as the mean is far from zero against the deviation: ten times timm's own
    /// error (which runs contiguous) in BiT's ResNets, whose shortcuts add up before they are normalised. Normalising is blind to such
    /// a shift, so that no gradient is needed for it. In sixteen bits the input itself is rounded more coarsely than that, and other
    /// layouts and devices do not lose them: left as they are.
    /// </summary>
    private static torch.Tensor NearZero(torch.Tensor x, long groups)
    {
        if (x.dtype != torch.ScalarType.Float32 || x.device_type != DeviceType.CPU || x.is_contiguous())
        {
            return x;
        }

        torch.Tensor shift;
        using (torch.no_grad())
        {
            var (batch, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
            var some = x.slice(2, height / (2 * Sampled), height, Math.Max(1, height / Sampled)).slice(3, width / (2 * Sampled), width, Math.Max(1, width / Sampled));
            shift = some.mean([2, 3]).reshape(batch, groups, -1).mean([2], keepdim: true).expand(batch, groups, channels / groups).reshape(batch, channels, 1, 1);
        }

        return x - shift;
    }

    /// <summary>Group normalisation, then ReLU in its place: safe, as autograd keeps its input.</summary>
    public static Layer GroupNormRelu(ParameterScope scope, long channels, double epsilon = 1e-5) => Sequence(GroupNorm(scope, channels, epsilon), ReluInPlace);
}
