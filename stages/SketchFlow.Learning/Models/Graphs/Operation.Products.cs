using System.Collections.Immutable;
using SketchFlow.Learning.Models.Graphs.Depthwise;
using SketchFlow.Learning.Precision;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Graphs;

public abstract partial record Operation
{
    /// <summary>Convolves x (N, in, H, W).</summary>
    /// <param name="Geometry">Strides, zeros at the borders and groups.</param>
    /// <param name="Training">Whether a gradient may be needed, which for some depthwise convolutions our own kernel computes.</param>
    /// <remarks>Inputs: x, weight (out, in / groups, kH, kW), and bias (out), which may be missing.</remarks>
    public sealed record Convolution(ConvolutionGeometry Geometry, bool Training = false) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs)
        {
            var (x, weight, bias) = (inputs[0], inputs[1], inputs.Length > 2 ? inputs[2] : null);
            long[] paddings = [Geometry.PaddingY, Geometry.PaddingX];
            var depthwise = Geometry.Groups > 1 && x.shape[1] == Geometry.Groups && weight.shape[0] == Geometry.Groups;
            return Training && depthwise && DepthwiseConvolution.IsFaster(x, weight, Geometry.StrideY)
                ? DepthwiseConvolution.apply(x, weight, bias!, Geometry.StrideY, paddings)
                : F.conv2d(x, weight, bias, [Geometry.StrideY, Geometry.StrideX], paddings, [1, 1], Geometry.Groups);
        }

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => Geometry.InferShape(inputs[0], inputs[1]);
    }

    /// <summary>Convolves each image of x (N, in, H, W) with its own kernels.</summary>
    /// <param name="Geometry">Strides, zeros at the borders and groups.</param>
    /// <param name="OutChannels">Number of output channels.</param>
    /// <param name="Kernel">Side of the square kernels.</param>
    /// <remarks>Inputs: x and the kernels (N, out × in / groups × kernel × kernel).</remarks>
    public sealed record ConvolutionPerImage(ConvolutionGeometry Geometry, long OutChannels, long Kernel) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs)
        {
            var (image, kernels) = (inputs[0], inputs[1]);
            var (batch, channels, height, width) = (image.shape[0], image.shape[1], image.shape[2], image.shape[3]);
            var last = image.permute(0, 2, 3, 1);
            if (Kernel == 1 && Geometry is { StrideY: 1, StrideX: 1, Groups: 1 })
            {
                var product = last.reshape(batch, height * width, channels).matmul(kernels.reshape(batch, OutChannels, channels).transpose(1, 2));
                return product.reshape(batch, height, width, OutChannels).permute(0, 3, 1, 2);
            }

            // Reshapes the batch to one image whose groups of channels are the images, so that a grouped convolution applies each image's kernels.
            var one = last.permute(1, 2, 0, 3).reshape(1, height, width, batch * channels).permute(0, 3, 1, 2);
            var y = F.conv2d(
                one,
                kernels.reshape(batch * OutChannels, channels / Geometry.Groups, Kernel, Kernel),
                null,
                [Geometry.StrideY, Geometry.StrideX],
                [Geometry.PaddingY, Geometry.PaddingX],
                [1, 1],
                batch * Geometry.Groups);
            return y.reshape(batch, OutChannels, y.shape[2], y.shape[3]).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        }

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) =>
            Geometry.InferShape(inputs[0], [OutChannels, inputs[0][1] / Geometry.Groups, Kernel, Kernel]);
    }

    /// <summary>Multiplies x (…, in) by a matrix (out, in), and adds a bias (out) if there is one.</summary>
    public sealed record Linear : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => F.linear(inputs[0], inputs[1], inputs.Length > 2 ? inputs[2] : null);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => [.. inputs[0][..^1], inputs[1][0]];
    }

    /// <summary>Computes the matrix products of a (…, n, k) and b (…, k, m) or (k, m).</summary>
    public sealed record MatrixProduct : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].matmul(inputs[1]);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => [.. Broadcast(inputs[0][..^2], inputs[1][..^2]), inputs[0][^2], inputs[1][^1]];
    }

    /// <summary>Computes a sum of products in Einstein's notation.</summary>
    /// <param name="Equation">The equation, such as <c>nhrcd,rkd->nhrck</c>.</param>
    public sealed record Einsum(string Equation) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => torch.einsum(Equation, inputs);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs)
        {
            var sizes = Sizes([.. inputs.Select(shape => shape.ToImmutableArray())]);
            return [.. Equation.Split("->")[1].Select(letter => sizes[letter])];
        }

        /// <summary>Returns the number of multiply-adds for inputs of these shapes.</summary>
        internal long MultiplyAdds(ImmutableArray<long>[] inputs) => Sizes(inputs).Values.Aggregate(1L, (product, size) => product * size);

        private Dictionary<char, long> Sizes(ImmutableArray<long>[] inputs) => Equation.Split("->")[0].Split(',')
            .SelectMany((letters, i) => letters.Select((letter, d) => (Letter: letter, Size: inputs[i][d])))
            .DistinctBy(p => p.Letter)
            .ToDictionary(p => p.Letter, p => p.Size);
    }

    /// <summary>Computes scaled dot-product attention, softmax(q k / √width + bias) v, over (N, heads, tokens, head width).</summary>
    /// <param name="Training">Whether a gradient may be needed.</param>
    /// <remarks>Inputs: queries, keys, values, and a bias of the products of queries and keys, which may broadcast over samples or be missing.</remarks>
    public sealed record Attention(bool Training = false) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs)
        {
            var (query, key, value, bias) = (inputs[0], inputs[1], inputs[2], inputs.Length > 3 ? inputs[3] : null);

            // On a CPU, PyTorch's gradient of attention is slower in bfloat16 than in float32; the forward pass is not (docs/measurements/zoo.md).
            if (Training && query.device_type == DeviceType.CPU && Autocast.IsEnabled(DeviceType.CPU))
            {
                var type = query.dtype;
                using var paused = Autocast.Suspend(query.device_type);
                return F.scaled_dot_product_attention(Widen(query), Widen(key), Widen(value), bias is null ? null : Widen(bias)).to(type);
            }

            return F.scaled_dot_product_attention(query, key, value, bias);

            static torch.Tensor Widen(torch.Tensor tensor) => tensor.to(torch.ScalarType.Float32);
        }

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => [.. inputs[0][..^1], inputs[2][^1]];
    }
}
