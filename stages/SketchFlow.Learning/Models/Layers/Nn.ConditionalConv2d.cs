using SketchFlow.Learning.Models.Graphs;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares a convolution without bias whose kernel is mixed for each image from the kernels of several experts (CondConv, Yang et al.
    /// 2019; timm's <c>CondConv2d</c>); weight (experts, out × in / groups × kH × kW).
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="inChannels">Number of input channels.</param>
    /// <param name="outChannels">Number of output channels.</param>
    /// <param name="experts">Number of kernels to mix.</param>
    /// <param name="options">Settings of the convolution; the initializer applies to each expert's kernel.</param>
    /// <returns>A function of the forward context, the images (N, in, H, W) and the experts' weights (N, experts).</returns>
    public static Func<ForwardContext, Value, Value, Value> ConditionalConv2d(
        ParameterScope scope, long inChannels, long outChannels, int experts, Conv2dOptions options)
    {
        var kernel = options.Kernel;
        var fanIn = inChannels / options.Groups * kernel * kernel;
        var weight = scope.Parameter("weight", [experts, outChannels * fanIn], options.WeightInitializer ?? Initializer.TorchDefault(fanIn));
        var pads = options.Same && options.Stride != 1;
        var pad = pads ? PadSame(kernel, options.Stride, 0) : null;
        var padding = pads ? 0 : (kernel - 1) / 2;
        var geometry = new ConvolutionGeometry(options.Stride, options.Stride, padding, padding, options.Groups);
        var name = scope.Path;
        return (pass, x, shares) =>
        {
            using var tidy = torch.NewDisposeScope();
            var image = pad is null ? x : pad(pass, x);
            var kernels = pass.Named(name, LayerKind.Linear, shares.MatrixProduct(pass[weight]));
            var y = image.ConvolvePerImage(kernels, geometry, outChannels, kernel);
            return pass.Named(name, LayerKind.Convolution, y).MoveToOuterDisposeScope();
        };
    }
}
