using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares filter response normalisation over (N, C, H, W) (Singh and Krishnan 2020; timm's <c>FilterResponseNormTlu2d</c>): each channel
    /// of each image is divided by its root mean square, followed by a weight, a bias, and the maximum with a learned threshold as the
    /// activation.
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="channels">Number of input and output channels.</param>
    /// <param name="epsilon">Value added to the mean square.</param>
    /// <param name="activates">Whether the layer activates, that is, has a threshold <c>tau</c>.</param>
    /// <param name="gamma">Initializer of the weight; null is one.</param>
    public static Layer FilterResponseNorm(ParameterScope scope, long channels, double epsilon, bool activates, Initializer? gamma = null)
    {
        var weight = scope.Parameter("weight", [channels], gamma ?? Initializer.Ones);
        var bias = scope.Parameter("bias", [channels], Initializer.Zeros);
        TensorSlot? threshold = activates ? scope.Parameter("tau", [channels], Initializer.Zeros) : null;
        var name = scope.Path;
        return Tidy((pass, x) =>
        {
            var inverse = (Widened(x).Square().Mean([2, 3], keep: true) + epsilon).ReciprocalSquareRoot().To(x.Type);
            var y = PerChannel(pass[bias], x).AddProduct(x, PerChannel(pass[weight], x) * inverse);
            return pass.Named(name, LayerKind.Normalization, pass[threshold] is { } tau ? y.Maximum(PerChannel(tau, x)) : y);
        });
    }
}
