using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    // PyTorch has no relu on the meta device, so counting the work skips it.

    /// <summary>Computes max(x, 0) as a new tensor.</summary>
    public static Layer Relu { get; } = (pass, x) => pass.Counter is null ? x.relu() : x;

    /// <summary>
    /// Computes max(x, 0) in place. This is safe directly after a normalisation or a convolution, whose gradients need their input but not
    /// their output.
    /// </summary>
    public static Layer ReluInPlace { get; } = (pass, x) => pass.Counter is null ? x.relu_() : x;

    /// <summary>Computes min(max(x, 0), 6) in place (see <see cref="ReluInPlace"/>), for EfficientNet-Lite, which is meant for 8-bit quantisation.</summary>
    public static Layer Relu6InPlace { get; } = (pass, x) => pass.Counter is null ? F.relu6(x, inplace: true) : x;

    /// <summary>Returns the leaky ReLU, x or <paramref name="slope"/> × x for negative x, which works in place (see <see cref="ReluInPlace"/>).</summary>
    public static Layer LeakyReluInPlace(double slope) => (_, x) => F.leaky_relu(x, slope, inplace: true);

    /// <summary>Computes the exact Gaussian error linear unit (Hendrycks and Gimpel 2016).</summary>
    public static Layer Gelu { get; } = (_, x) => F.gelu(x);

    /// <summary>Computes the tanh approximation of GELU, which the larger SigLIP 2 models were trained with.</summary>
    public static Layer GeluTanh { get; } = Tidy((_, x) =>
    {
        // TorchSharp's gelu supports only the exact form; x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)) equals the tanh approximation.
        var cubic = x * ((x.square() * 0.044715) + 1);
        return x * (cubic * (2 * Math.Sqrt(2 / Math.PI))).sigmoid();
    });

    /// <summary>Computes x sigmoid(1.702 x), which OpenAI's CLIP was trained with instead of GELU.</summary>
    public static Layer QuickGelu { get; } = (_, x) =>
    {
        using var scaled = x.mul(1.702);
        using var gate = scaled.sigmoid();
        return x.mul(gate);
    };

    /// <summary>Computes x sigmoid(x) (SiLU, also called swish; Elfwing et al. 2017) as a new tensor.</summary>
    public static Layer Silu { get; } = (_, x) => x.silu();
}
