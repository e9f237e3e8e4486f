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
        long[] row = [fanIn];
        long[] strides = [options.Stride, options.Stride];
        long[] paddings = [padding, padding];
        long[] dilations = [1, 1];
        var pad = options.Same ? PadSame(kernel, options.Stride, 0) : null;
        if (options.Same)
        {
            paddings = [0, 0];
        }

        var name = scope.Path;
        return Tidy((pass, x) =>
        {
            if (pass.Counter is { } counter)
            {
                return counter.Convolve(name, pad is null ? x : pad(pass, x), pass[weight], strides, paddings);
            }

            var standard = F.layer_norm(pass[weight].flatten(1), row, eps: epsilon).reshape(shape);
            return F.conv2d(pad is null ? x : pad(pass, x), standard, null, strides, paddings, dilations, options.Groups);
        });
    }
}
