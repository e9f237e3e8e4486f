using System.Collections.Immutable;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Graphs;

public abstract partial record Operation
{
    /// <summary>Computes the mean over dimensions of x.</summary>
    /// <param name="Dimensions">The dimensions; negative ones count from the end.</param>
    /// <param name="Keep">Whether the dimensions remain with size 1.</param>
    public sealed record Mean(ImmutableArray<int> Dimensions, bool Keep = false) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].mean(AsLongs(Dimensions), keepdim: Keep);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => Reduce(inputs[0], Dimensions, Keep);
    }

    /// <summary>Computes the sum of all elements of x, a scalar.</summary>
    public sealed record Sum : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].sum();

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => [];
    }

    /// <summary>Computes the variance over dimensions of x, which remain with size 1.</summary>
    /// <param name="Dimensions">The dimensions; negative ones count from the end.</param>
    /// <param name="Unbiased">Whether the sum of squares is divided by one less than the number of elements.</param>
    public sealed record Variance(ImmutableArray<int> Dimensions, bool Unbiased) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].var(AsLongs(Dimensions), unbiased: Unbiased, keepdim: true);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => Reduce(inputs[0], Dimensions, keep: true);
    }

    /// <summary>Computes the Euclidean norm over neighbouring dimensions of x, which remain with size 1.</summary>
    /// <param name="Dimensions">The dimensions, ascending, without a gap.</param>
    public sealed record VectorNorm(ImmutableArray<int> Dimensions) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs)
        {
            // TorchSharp's linalg.vector_norm makes a scalar that a garbage collection may free (see KeptScalars); norm takes one dimension.
            var x = inputs[0];
            return x.flatten(Dimensions[0], Dimensions[^1]).norm(Dimensions[0]).reshape(InferShape([x.shape]));
        }

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => Reduce(inputs[0], Dimensions, keep: true);
    }

    /// <summary>Divides x by its Euclidean norm over the last dimension, or by 1e-12 if that is larger.</summary>
    public sealed record UnitVector : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => F.normalize(inputs[0], dim: -1);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }

    /// <summary>Computes the softmax of x over a dimension.</summary>
    /// <param name="Dimension">The dimension; negative counts from the end.</param>
    public sealed record Softmax(int Dimension) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].softmax(Dimension);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }
}
