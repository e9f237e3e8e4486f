using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// A convolution whose kernels are mixed anew for each image from those of several experts (CondConv, Yang et al. 2019; timm's
    /// <c>CondConv2d</c>), without bias; weight (experts, out × in / groups × kH × kW).
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="inChannels">Channels in.</param>
    /// <param name="outChannels">Channels out.</param>
    /// <param name="experts">How many kernels there are to mix.</param>
    /// <param name="options">Of the convolution; its start is that of each expert's kernel.</param>
    /// <returns>A function of (pass, image (N, in, H, W), shares of the experts (N, experts)).</returns>
    public static Func<ForwardContext, torch.Tensor, torch.Tensor, torch.Tensor> ConditionalConv2d(
        ParameterScope scope, long inChannels, long outChannels, int experts, Conv2dOptions options)
    {
        var kernel = options.Kernel;
        long[] shape = [outChannels, inChannels / options.Groups, kernel, kernel];
        var fanIn = shape[1] * kernel * kernel;
        var weight = scope.Parameter("weight", [experts, outChannels * fanIn], options.Start ?? Initializer.TorchDefault(fanIn));
        var pads = options.Same && options.Stride != 1;
        var pad = pads ? PadSame(kernel, options.Stride, 0) : null;
        long[] strides = [options.Stride, options.Stride];
        long[] paddings = pads ? [0, 0] : [(kernel - 1) / 2, (kernel - 1) / 2];
        var name = scope.Path;
        return (pass, x, shares) =>
        {
            using var tidy = torch.NewDisposeScope();
            var image = pad is null ? x : pad(pass, x);
            if (pass.Tally is { } tally)
            {
                tally.Multiply(name, shares, outChannels * fanIn, bias: false);
                return tally.Convolve(name, image, torch.empty(shape, dtype: x.dtype, device: x.device), strides, paddings).MoveToOuterDisposeScope();
            }

            var kernels = shares.matmul(pass[weight]);
            var (batch, height, width) = (image.shape[0], image.shape[2], image.shape[3]);
            var last = ChannelsToEnd(image);
            if (kernel == 1 && options.Stride == 1 && options.Groups == 1)
            {
                var product = last.reshape(batch, height * width, inChannels).matmul(kernels.reshape(batch, outChannels, inChannels).transpose(1, 2));
                return ChannelsToFront(product.reshape(batch, height, width, outChannels)).MoveToOuterDisposeScope();
            }

            // The images stand side by side as groups of channels of one, each with its own kernels.
            var one = ChannelsToFront(last.permute(1, 2, 0, 3).reshape(1, height, width, batch * inChannels));
            var y = F.conv2d(one, kernels.reshape(batch * outChannels, shape[1], kernel, kernel), null, strides, paddings, [1, 1], batch * options.Groups);
            return ChannelsToFront(ChannelsToEnd(y.reshape(batch, outChannels, y.shape[2], y.shape[3])).contiguous()).MoveToOuterDisposeScope();
        };
    }
}
