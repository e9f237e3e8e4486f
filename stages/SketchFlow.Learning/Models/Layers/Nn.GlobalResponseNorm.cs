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
        long[] space = [1, 2];
        return Tidy((pass, x) =>
        {
            var response = torch.linalg.vector_norm(x, 2, space, keepdim: true);
            var relative = response / (response.mean([-1], keepdim: true) + 1e-6);

            // Computes x + weight x relative + bias while reading the image once; the factor is only (N, 1, 1, C).
            return torch.addcmul(pass[bias], x, (pass[weight] * relative) + 1, 1);
        });
    }
}
