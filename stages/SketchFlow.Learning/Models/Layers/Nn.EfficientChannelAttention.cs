using SketchFlow.Learning.Models.Graphs;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares efficient channel attention (Wang et al. 2020; timm's <c>EcaModule</c>): a gate for each channel from the means of the
    /// neighbouring channels, by one small convolution along the channels without bias. The kernel grows with the logarithm of the number of
    /// channels.
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="channels">Number of input and output channels.</param>
    /// <param name="kernelFor">Number of channels before pruning, which determines the kernel size; null is <paramref name="channels"/>.</param>
    public static Layer EfficientChannelAttention(ParameterScope scope, long channels, long? kernelFor = null)
    {
        var size = (int)((Math.Log(kernelFor ?? channels) / Math.Log(2) + 1) / 2);
        var kernel = Math.Max(size % 2 == 1 ? size : size + 1, 3);
        var weight = scope["conv"].Parameter("weight", [1, 1, kernel], Initializer.TorchDefault(kernel));
        var name = scope["conv"].Path;
        var geometry = new ConvolutionGeometry(1, 1, 0, (kernel - 1) / 2, 1);
        return Tidy((pass, x) =>
        {
            var row = x.Mean([2, 3]).Reshape(x.Shape[0], 1, 1, channels);
            var matrix = pass[weight].Unsqueeze(2);
            var gate = pass.Named(name, LayerKind.Convolution, row.Convolve(matrix, null, geometry));
            return x * gate.Sigmoid().Reshape(x.Shape[0], channels, 1, 1);
        });
    }
}
