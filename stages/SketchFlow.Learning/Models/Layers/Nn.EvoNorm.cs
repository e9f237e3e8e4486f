using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares EvoNorm-S0 over (N, C, H, W) (Liu et al. 2020; timm's <c>EvoNorm2dS0</c>): x sigmoid(v x) divided by the standard deviation of
    /// its group of channels, then a weight and a bias. Each sample is normalised separately.
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="channels">Number of input and output channels.</param>
    /// <param name="options">
    /// Groups, epsilon (1e-5, and 1e-3 in timm's <c>S0a</c>), and the kind: <c>S0</c> divides by the deviation only with activation,
    /// <c>S0a</c> always.
    /// </param>
    /// <param name="activates">Whether the layer activates, that is, has the sigmoid and its <c>v</c>.</param>
    /// <param name="gamma">Initializer of the weight; null is one.</param>
    public static Layer EvoNorm(ParameterScope scope, long channels, NormOptions options, bool activates, Initializer? gamma = null)
    {
        var (groups, divides) = (options.Groups(channels), activates || options.Kind == NormKind.EvoNormAlways);
        var weight = scope.Parameter("weight", [channels], gamma ?? Initializer.Ones);
        var bias = scope.Parameter("bias", [channels], Initializer.Zeros);
        TensorSlot? slope = activates ? scope.Parameter("v", [channels], Initializer.Ones) : null;
        var name = scope.Path;
        return Tidy((pass, x) =>
        {
            var (scale, shift) = (PerChannel(pass[weight], x), PerChannel(pass[bias], x));
            if (divides)
            {
                // The division is folded into the small factor per sample and channel, so that the image is read less often.
                var (batch, height, width) = (x.Shape[0], x.Shape[2], x.Shape[3]);
                var variance = Widened(x).Reshape(batch, groups, channels / groups, height, width).Variance([2, 3, 4], unbiased: false);
                var inverse = (variance + options.Epsilon).ReciprocalSquareRoot().To(x.Type).Reshape(batch, groups, 1).Expand(batch, groups, channels / groups);
                scale = scale * inverse.Reshape(batch, channels, 1, 1);
            }

            var y = shift.AddProduct(pass[slope] is { } v ? x * (x * PerChannel(v, x)).Sigmoid() : x, scale);
            return pass.Named(name, LayerKind.Normalization, y);
        });
    }

    /// <summary>Reshapes a vector (C) to broadcast over (N, C, H, W), in the image's type.</summary>
    private static Value PerChannel(Value vector, Value image) => vector.Reshape(1, -1, 1, 1).To(image.Type);

    /// <summary>Widens 16-bit tensors to float32, because statistics are never computed in 16 bits.</summary>
    private static Value Widened(Value x) =>
        x.Type is torch.ScalarType.BFloat16 or torch.ScalarType.Float16 ? x.To(torch.ScalarType.Float32) : x;
}
