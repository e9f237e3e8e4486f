using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    // PyTorch has no relu for tensors without memory: a count of the work goes past it.

    /// <summary>max(x, 0), a new tensor.</summary>
    public static Layer Relu { get; } = (pass, x) => pass.Tally is null ? x.relu() : x;

    /// <summary>max(x, 0) in the place of x: right behind a normalisation or a convolution, whose backward needs their input, not their output.</summary>
    public static Layer ReluInPlace { get; } = (pass, x) => pass.Tally is null ? x.relu_() : x;

    /// <summary>min(max(x, 0), 6) in the place of x (see <see cref="ReluInPlace"/>): EfficientNet-Lite, whose activations are kept to eight bits.</summary>
    public static Layer Relu6InPlace { get; } = (pass, x) => pass.Tally is null ? F.relu6(x, inplace: true) : x;

    /// <summary>x, or <paramref name="slope"/> x where it is negative, in the place of x (see <see cref="ReluInPlace"/>).</summary>
    public static Layer LeakyReluInPlace(double slope) => (_, x) => F.leaky_relu(x, slope, inplace: true);

    /// <summary>Gaussian error linear unit (Hendrycks and Gimpel 2016), exact.</summary>
    public static Layer Gelu { get; } = (_, x) => F.gelu(x);

    /// <summary>GELU by its tanh approximation: what SigLIP 2's larger models were trained with.</summary>
    public static Layer GeluTanh { get; } = Tidy((_, x) =>
    {
        // TorchSharp's gelu knows the exact form only: x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)) is the same function.
        var cubic = x * ((x.square() * 0.044715) + 1);
        return x * (cubic * (2 * Math.Sqrt(2 / Math.PI))).sigmoid();
    });

    /// <summary>x sigmoid(1.702 x): what OpenAI's CLIP was trained with in GELU's place.</summary>
    public static Layer QuickGelu { get; } = (_, x) =>
    {
        using var scaled = x.mul(1.702);
        using var gate = scaled.sigmoid();
        return x.mul(gate);
    };

    /// <summary>x sigmoid(x) (Elfwing et al. 2017; swish), a new tensor.</summary>
    public static Layer Silu { get; } = (_, x) => x.silu();
}
