using SketchFlow.Data.Outcomes;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Graphs;

public abstract partial record Operation
{
    /// <summary>
    /// Normalises each channel of x (N, C, H, W) by running statistics, or by those of the batch, which then update the running ones in place.
    /// </summary>
    /// <param name="Layer">Name of the layer, for messages.</param>
    /// <param name="Epsilon">Value added to the variance.</param>
    /// <param name="UsesBatch">Whether the statistics are the batch's.</param>
    /// <param name="Momentum">Share of the batch's statistics in the updated ones.</param>
    /// <remarks>Inputs: x, running mean, running variance, weight and bias, (C) each.</remarks>
    public sealed record BatchNorm(string Layer, double Epsilon, bool UsesBatch = false, double Momentum = 0) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs)
        {
            var x = inputs[0];
            if (UsesBatch && x.numel() == x.shape[1])
            {
                // As PyTorch's batch_norm: the variance of one value is not a number, and would stay in the running statistics.
                throw new RefusalException(
                    $"Expected more than 1 value per channel when training, got ({string.Join(", ", x.shape)}) in the batch norm {Layer}; "
                    + "use a larger batch or larger images.");
            }

            return F.batch_norm(x, inputs[1], inputs[2], inputs[3], inputs[4], UsesBatch, Momentum, Epsilon);
        }

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }

    /// <summary>Normalises x over its last dimension.</summary>
    /// <param name="Epsilon">Value added to the variance.</param>
    /// <remarks>Inputs: x, and weight and bias, (C) each, which may be missing.</remarks>
    public sealed record LayerNorm(double Epsilon) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs)
        {
            long[] shape = [inputs[0].shape[^1]];
            return inputs.Length == 1 ? F.layer_norm(inputs[0], shape, eps: Epsilon) : F.layer_norm(inputs[0], shape, inputs[1], inputs[2], Epsilon);
        }

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }

    /// <summary>Normalises groups of channels of x (N, C, H, W).</summary>
    /// <param name="Groups">Number of groups.</param>
    /// <param name="Epsilon">Value added to the variance.</param>
    /// <remarks>Inputs: x, and weight and bias, (C) each.</remarks>
    public sealed record GroupNorm(long Groups, double Epsilon) : Operation
    {
        // Number of pixels per side from which a group's mean is estimated.
        private const long SampledPixels = 4;

        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) =>
            F.group_norm(SubtractSampledMean(inputs[0]), Groups, inputs[1], inputs[2], Epsilon);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];

        /// <summary>
        /// Subtracts from each group of channels the mean of some of its pixels. libtorch computes the variance of channels-last images as
        /// E[x²] - E[x]² in float32, which loses digits when the mean is large compared with the deviation: ten times the error of timm (which
        /// runs contiguous) in BiT's ResNets, whose shortcuts add up before they are normalised. Normalisation is invariant to the shift, so it
        /// needs no gradient. 16-bit inputs are rounded more coarsely than this error, and other layouts and devices do not lose digits; both
        /// are left unchanged.
        /// </summary>
        private torch.Tensor SubtractSampledMean(torch.Tensor x)
        {
            if (x.dtype != torch.ScalarType.Float32 || x.device_type != DeviceType.CPU || x.is_contiguous())
            {
                return x;
            }

            torch.Tensor shift;
            using (torch.no_grad())
            {
                var (batch, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
                var some = x
                    .slice(2, height / (2 * SampledPixels), height, Math.Max(1, height / SampledPixels))
                    .slice(3, width / (2 * SampledPixels), width, Math.Max(1, width / SampledPixels));
                shift = some.mean([2, 3]).reshape(batch, Groups, -1).mean([2], keepdim: true)
                    .expand(batch, Groups, channels / Groups)
                    .reshape(batch, channels, 1, 1);
            }

            return x - shift;
        }
    }
}
