using SketchFlow.Learning.Models.Graphs;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>Declares a convolution, (N, in, H, W) to (N, out, H', W'); weight (out, in / groups, kH, kW).</summary>
    public static Layer Conv2d(ParameterScope scope, long inChannels, long outChannels, Conv2dOptions options)
    {
        var (height, width) = (options.Kernel, options.KernelWidth ?? options.Kernel);
        var fanIn = inChannels / options.Groups * height * width;
        long[] shape = [outChannels, inChannels / options.Groups, height, width];
        var weight = scope.Parameter("weight", shape, options.WeightInitializer ?? Initializer.TorchDefault(fanIn));
        TensorSlot? bias = options.Bias ? scope.Parameter("bias", [outChannels], options.BiasInitializer ?? Initializer.TorchDefault(fanIn)) : null;

        // At stride 1 an odd kernel needs the same padding on all sides, which the convolution itself can add without a copy.
        var pads = options.Same && (options.Stride != 1 || height % 2 == 0);
        var (paddingY, paddingX) = pads ? (0, 0) : (options.Padding ?? (height - 1) / 2, options.Padding ?? (width - 1) / 2);
        var geometry = new ConvolutionGeometry(options.Stride, options.Stride, paddingY, paddingX, options.Groups);
        var name = scope.Path;
        Layer convolution = (pass, x) => pass.Named(name, LayerKind.Convolution, x.Convolve(pass[weight], pass[bias], geometry, pass.Training));
        return pads ? Sequential(PadSame(options.Kernel, options.Stride, 0), convolution) : convolution;
    }

    /// <summary>
    /// Returns TensorFlow's SAME padding of (N, C, H, W) for a square kernel with <paramref name="value"/>; it copies nothing if no padding is
    /// needed.
    /// </summary>
    public static Layer PadSame(int kernel, int stride, double value) => (_, x) =>
    {
        var (vertical, horizontal) = (Missing(x.Shape[2]), Missing(x.Shape[3]));
        return vertical == 0 && horizontal == 0
            ? x
            : x.Pad([horizontal / 2, horizontal - (horizontal / 2), vertical / 2, vertical - (vertical / 2)], value);

        long Missing(long size) => Math.Max(0, ((((size + stride - 1) / stride) - 1) * stride) + kernel - size);
    };
}
