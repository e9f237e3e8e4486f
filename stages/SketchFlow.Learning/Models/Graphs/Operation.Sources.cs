using System.Collections.Immutable;
using TorchSharp;

namespace SketchFlow.Learning.Models.Graphs;

public abstract partial record Operation
{
    /// <summary>The images, normalised (N, 3, H, W). Its value is given to a replay.</summary>
    /// <param name="Shape">Shape of the recorded batch.</param>
    public sealed record Input(ImmutableArray<long> Shape) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => throw new InvalidOperationException("The images are given to a replay.");

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => [.. Shape];
    }

    /// <summary>A weight of the model. Its value is given to a replay.</summary>
    /// <param name="Index">Index into the model's tensors.</param>
    /// <param name="Name">Name of the tensor, such as <c>layer1.0.conv1.weight</c>.</param>
    /// <param name="Shape">Shape of the tensor.</param>
    public sealed record Weight(int Index, string Name, ImmutableArray<long> Shape) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => throw new InvalidOperationException("The weights are given to a replay.");

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => [.. Shape];
    }

    /// <summary>A tensor that depends neither on the images nor on the weights, such as a filter or a table of sines.</summary>
    /// <param name="Tensor">The tensor; it is owned by the graph.</param>
    public sealed record Constant(torch.Tensor Tensor) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => Tensor;

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => Tensor.shape;
    }
}
