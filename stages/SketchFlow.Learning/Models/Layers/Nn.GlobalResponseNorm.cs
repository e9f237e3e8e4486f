using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares global response normalisation over (N, H, W, C) (Woo et al. 2023, ConvNeXt V2; timm's <c>grn.py</c>): each channel is scaled by
    /// its norm over the image relative to the mean norm of all channels. It starts as the identity.
    /// </summary>
    public static Layer GlobalResponseNorm(ParameterScope scope, long channels)
    {
        var weight = scope.Parameter("weight", [channels], Initializer.Zeros);
        var bias = scope.Parameter("bias", [channels], Initializer.Zeros);
        return Tidy((pass, x) =>
        {
            var response = x.VectorNorm([1, 2]);
            var relative = response / (response.Mean([-1], keep: true) + 1e-6);

            // Computes x + weight x relative + bias while reading the image once; the factor is only (N, 1, 1, C).
            return pass[bias].AddProduct(x, (pass[weight] * relative) + 1);
        });
    }
}
