using SketchFlow.Learning.Models.Graphs;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>Declares layer normalisation over the last dimension (Ba et al. 2016); the default epsilon is timm's.</summary>
    public static Layer LayerNorm(ParameterScope scope, long channels, double epsilon = 1e-6, Initializer? gamma = null)
    {
        var weight = scope.Parameter("weight", [channels], gamma ?? Initializer.Ones);
        var bias = scope.Parameter("bias", [channels], Initializer.Zeros);
        var name = scope.Path;
        return (pass, x) => pass.Named(name, LayerKind.Normalization, x.LayerNorm(epsilon, pass[weight], pass[bias]));
    }

    /// <summary>Declares layer normalisation over the channels of (N, C, H, W), which copies nothing if the image is channels last.</summary>
    public static Layer LayerNorm2d(ParameterScope scope, long channels, double epsilon = 1e-6, Initializer? gamma = null) =>
        PixelNorm(LayerNorm(scope, channels, epsilon, gamma));

    /// <summary>Applies a normalisation over the last dimension to the channels of (N, C, H, W).</summary>
    internal static Layer PixelNorm(Layer norm) =>
        (pass, x) =>
        {
            using var last = ChannelsToEnd(x);
            using var normed = norm(pass, last);
            return ChannelsToFront(normed);
        };

    /// <summary>Returns a view (N, H, W, C) of (N, C, H, W).</summary>
    public static Value ChannelsToEnd(Value x) => x.Permute(0, 2, 3, 1);

    /// <summary>Returns a view (N, C, H, W) of (N, H, W, C).</summary>
    public static Value ChannelsToFront(Value x) => x.Permute(0, 3, 1, 2);
}
