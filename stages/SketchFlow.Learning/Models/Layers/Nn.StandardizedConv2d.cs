using SketchFlow.Learning.Models.Graphs;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares a convolution without bias whose kernels are standardised to mean 0 and variance 1 in each pass (Qiao et al. 2019; timm's
    /// <c>StdConv2d</c>).
    /// </summary>
    public static Layer StandardizedConv2d(ParameterScope scope, long inChannels, long outChannels, Conv2dOptions options, double epsilon)
    {
        var kernel = options.Kernel;
        long[] shape = [outChannels, inChannels / options.Groups, kernel, kernel];
        var fanIn = shape[1] * kernel * kernel;
        var weight = scope.Parameter("weight", shape, options.WeightInitializer ?? Initializer.TorchDefault(fanIn));
        var padding = options.Padding ?? (kernel - 1) / 2;
        var pad = options.Same ? PadSame(kernel, options.Stride, 0) : null;
        var geometry = new ConvolutionGeometry(options.Stride, options.Stride, options.Same ? 0 : padding, options.Same ? 0 : padding, options.Groups);
        var name = scope.Path;
        return Tidy((pass, x) =>
        {
            var standard = pass[weight].Flatten(1).LayerNorm(epsilon).Reshape(shape);
            return pass.Named(name, LayerKind.Convolution, (pad is null ? x : pad(pass, x)).Convolve(standard, null, geometry));
        });
    }
}
