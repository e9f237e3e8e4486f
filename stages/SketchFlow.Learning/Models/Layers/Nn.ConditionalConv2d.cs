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
    public static Func<ForwardContext, torch.Tensor, torch.Tensor, torch.Tensor> ConditionalConv2d(
        ParameterScope scope, long inChannels, long outChannels, int experts, Conv2dOptions options)
    {
        var kernel = options.Kernel;
        long[] shape = [outChannels, inChannels / options.Groups, kernel, kernel];
        var fanIn = shape[1] * kernel * kernel;
        var weight = scope.Parameter("weight", [experts, outChannels * fanIn], options.WeightInitializer ?? Initializer.TorchDefault(fanIn));
        var pads = options.Same && options.Stride != 1;
        var pad = pads ? PadSame(kernel, options.Stride, 0) : null;
        long[] strides = [options.Stride, options.Stride];
        long[] paddings = pads ? [0, 0] : [(kernel - 1) / 2, (kernel - 1) / 2];
        var name = scope.Path;
        return (pass, x, shares) =>
        {
            using var tidy = torch.NewDisposeScope();
            var image = pad is null ? x : pad(pass, x);
            if (pass.Counter is { } counter)
            {
                counter.Multiply(name, shares, outChannels * fanIn, bias: false);
                return counter.Convolve(name, image, torch.empty(shape, dtype: x.dtype, device: x.device), strides, paddings).MoveToOuterDisposeScope();
            }

            var kernels = shares.matmul(pass[weight]);
            var (batch, height, width) = (image.shape[0], image.shape[2], image.shape[3]);
            var last = ChannelsToEnd(image);
            if (kernel == 1 && options.Stride == 1 && options.Groups == 1)
            {
                var product = last.reshape(batch, height * width, inChannels).matmul(kernels.reshape(batch, outChannels, inChannels).transpose(1, 2));
                return ChannelsToFront(product.reshape(batch, height, width, outChannels)).MoveToOuterDisposeScope();
            }

            // Reshapes the batch to one image whose groups of channels are the images, so that a grouped convolution applies each image's kernels.
            var one = ChannelsToFront(last.permute(1, 2, 0, 3).reshape(1, height, width, batch * inChannels));
            var y = F.conv2d(one, kernels.reshape(batch * outChannels, shape[1], kernel, kernel), null, strides, paddings, [1, 1], batch * options.Groups);
            return ChannelsToFront(ChannelsToEnd(y.reshape(batch, outChannels, y.shape[2], y.shape[3])).contiguous()).MoveToOuterDisposeScope();
        };
    }
}
