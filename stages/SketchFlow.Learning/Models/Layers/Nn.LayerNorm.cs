using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>Layer normalisation over the last dimension (Ba et al. 2016); 1e-6 is timm's epsilon.</summary>
    public static Layer LayerNorm(ParameterScope scope, long channels, double epsilon = 1e-6, Initializer? gamma = null)
    {
        var weight = scope.Parameter("weight", [channels], gamma ?? Initializer.Ones);
        var bias = scope.Parameter("bias", [channels], Initializer.Zeros);
        long[] shape = [channels];
        var name = scope.Path;
        return (pass, x) => pass.Tally?.Normalize(name, x) ?? F.layer_norm(x, shape, pass[weight], pass[bias], epsilon);
    }

    /// <summary>Layer normalisation over the channels of (N, C, H, W): free of copies when the image is channels last.</summary>
    public static Layer LayerNorm2d(ParameterScope scope, long channels, double epsilon = 1e-6, Initializer? gamma = null) =>
        PixelNorm(LayerNorm(scope, channels, epsilon, gamma));

    /// <summary>A normalisation over the last dimension, applied to the channels of (N, C, H, W).</summary>
    internal static Layer PixelNorm(Layer norm) =>
        (pass, x) =>
        {
            using var last = ChannelsToEnd(x);
            using var normed = norm(pass, last);
            return ChannelsToFront(normed);
        };

    /// <summary>A view (N, H, W, C) of (N, C, H, W).</summary>
    public static torch.Tensor ChannelsToEnd(torch.Tensor x) => x.permute(0, 2, 3, 1);

    /// <summary>A view (N, C, H, W) of (N, H, W, C).</summary>
    public static torch.Tensor ChannelsToFront(torch.Tensor x) => x.permute(0, 3, 1, 2);
}
