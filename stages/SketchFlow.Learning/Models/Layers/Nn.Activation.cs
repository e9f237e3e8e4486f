using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>Computes max(x, 0) as a new tensor.</summary>
    public static Layer Relu { get; } = (_, x) => x.Relu();

    /// <summary>
    /// Computes max(x, 0) in place. This is safe directly after a normalisation or a convolution, whose gradients need their input but not
    /// their output.
    /// </summary>
    public static Layer ReluInPlace { get; } = (_, x) => x.Relu(inPlace: true);

    /// <summary>Computes min(max(x, 0), 6) in place (see <see cref="ReluInPlace"/>), for EfficientNet-Lite, which is meant for 8-bit quantisation.</summary>
    public static Layer Relu6InPlace { get; } = (_, x) => x.Relu6InPlace();

    /// <summary>Returns the leaky ReLU, x or <paramref name="slope"/> × x for negative x, which works in place (see <see cref="ReluInPlace"/>).</summary>
    public static Layer LeakyReluInPlace(double slope) => (_, x) => x.LeakyReluInPlace(slope);

    /// <summary>Computes the exact Gaussian error linear unit (Hendrycks and Gimpel 2016).</summary>
    public static Layer Gelu { get; } = (_, x) => x.Gelu();

    /// <summary>Computes the tanh approximation of GELU, which the larger SigLIP 2 models were trained with.</summary>
    public static Layer GeluTanh { get; } = Tidy((_, x) =>
    {
        // TorchSharp's gelu supports only the exact form; x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)) equals the tanh approximation.
        var cubic = x * ((x.Square() * 0.044715) + 1);
        return x * (cubic * (2 * Math.Sqrt(2 / Math.PI))).Sigmoid();
    });

    /// <summary>Computes x sigmoid(1.702 x), which OpenAI's CLIP was trained with instead of GELU.</summary>
    public static Layer QuickGelu { get; } = (_, x) =>
    {
        using var scaled = x.Multiply(1.702);
        using var gate = scaled.Sigmoid();
        return x.Multiply(gate);
    };

    /// <summary>Computes x sigmoid(x) (SiLU, also called swish; Elfwing et al. 2017) as a new tensor.</summary>
    public static Layer Silu { get; } = (_, x) => x.Silu();
}
