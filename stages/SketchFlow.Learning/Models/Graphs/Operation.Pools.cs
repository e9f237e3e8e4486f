using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Graphs;

public abstract partial record Operation
{
    /// <summary>Computes the maximum over squares of x (N, C, H, W).</summary>
    /// <param name="Kernel">Side of a square in pixels.</param>
    /// <param name="Stride">Distance between squares in pixels.</param>
    /// <param name="Padding">Pixels on each side, which never are the maximum.</param>
    public sealed record MaxPool2d(int Kernel, int Stride, int Padding = 0) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => F.max_pool2d(inputs[0], [Kernel, Kernel], [Stride, Stride], [Padding, Padding]);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs)
        {
            return [.. inputs[0][..2], .. inputs[0][2..].Select(size => ((size + (2 * Padding) - Kernel) / Stride) + 1)];
        }
    }

    /// <summary>Computes the mean over squares of x (N, C, H, W). Pixels of the padding do not count.</summary>
    /// <param name="Kernel">Side of a square in pixels.</param>
    /// <param name="Stride">Distance between squares in pixels.</param>
    /// <param name="Padding">Pixels on each side.</param>
    /// <param name="KeepsRest">Whether a last row or column that does not fill a square gives a result too.</param>
    public sealed record AveragePool2d(int Kernel, int Stride, int Padding = 0, bool KeepsRest = false) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => F.avg_pool2d(
            inputs[0], [Kernel, Kernel], [Stride, Stride], [Padding, Padding], ceil_mode: KeepsRest, count_include_pad: false);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs)
        {
            return [.. inputs[0][..2], .. inputs[0][2..].Select(Side)];

            // As PyTorch: a square must begin within the image or the padding before it.
            long Side(long size)
            {
                var room = size + (2 * Padding) - Kernel;
                var count = ((KeepsRest ? room + Stride - 1 : room) / Stride) + 1;
                return KeepsRest && (count - 1) * Stride >= size + Padding ? count - 1 : count;
            }
        }
    }
}
