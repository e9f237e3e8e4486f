using System.Collections.Immutable;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace SketchFlow.Learning.Models.Graphs;

public abstract partial record Operation
{
    /// <summary>Gives x another shape with the same elements in the same order.</summary>
    /// <param name="Shape">The shape; one size may be -1, which stands for the rest.</param>
    public sealed record Reshape(ImmutableArray<long> Shape) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].reshape([.. Shape]);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs)
        {
            var count = inputs[0].Aggregate(1L, (product, size) => product * size);
            var known = Shape.Where(size => size != -1).Aggregate(1L, (product, size) => product * size);
            long[] result = [.. Shape.Select(size => size == -1 ? count / known : size)];
            return result.Aggregate(1L, (product, size) => product * size) == count
                ? result
                : throw new InvalidOperationException($"A tensor ({string.Join(", ", inputs[0])}) cannot become ({string.Join(", ", Shape)}).");
        }
    }

    /// <summary>Reorders the dimensions of x.</summary>
    /// <param name="Order">Dimension of x for each dimension of the result.</param>
    public sealed record Permute(ImmutableArray<int> Order) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].permute(AsLongs(Order));

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => [.. Order.Select(d => inputs[0][d])];
    }

    /// <summary>Inserts a dimension of size 1.</summary>
    /// <param name="Dimension">Position in the result; negative counts from the end.</param>
    public sealed record Unsqueeze(int Dimension) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].unsqueeze(Dimension);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => [.. inputs[0].ToImmutableArray().Insert(FromFirst(Dimension, inputs[0].Length + 1), 1)];
    }

    /// <summary>Removes a dimension of size 1.</summary>
    /// <param name="Dimension">The dimension; negative counts from the end.</param>
    public sealed record Squeeze(int Dimension) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].squeeze(Dimension);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => Reduce(inputs[0], [Dimension], keep: false);
    }

    /// <summary>Returns one slice of x along a dimension, which is removed.</summary>
    /// <param name="Dimension">The dimension; negative counts from the end.</param>
    /// <param name="Index">Index of the slice.</param>
    public sealed record Select(int Dimension, long Index) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].select(Dimension, Index);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => Reduce(inputs[0], [Dimension], keep: false);
    }

    /// <summary>Returns a range of x along a dimension.</summary>
    /// <param name="Dimension">The dimension; negative counts from the end.</param>
    /// <param name="Start">First index.</param>
    /// <param name="Length">Number of indices.</param>
    public sealed record Narrow(int Dimension, long Start, long Length) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].narrow(Dimension, Start, Length);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => [.. inputs[0].ToImmutableArray().SetItem(FromFirst(Dimension, inputs[0].Length), Length)];
    }

    /// <summary>Returns a part of x after splitting it along a dimension.</summary>
    /// <param name="Dimension">The dimension; negative counts from the end.</param>
    /// <param name="Sizes">Sizes of all parts; empty where each index is a part of its own, whose dimension is removed.</param>
    /// <param name="Part">Index of this part.</param>
    /// <remarks>While values are computed, all parts are made by one call of libtorch, see <see cref="Value.Split(long[], int)"/>.</remarks>
    public sealed record SplitPart(int Dimension, ImmutableArray<long> Sizes, int Part) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => Sizes.IsEmpty
            ? inputs[0].select(Dimension, Part)
            : inputs[0].narrow(Dimension, Sizes[..Part].Sum(), Sizes[Part]);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => Sizes.IsEmpty
            ? Reduce(inputs[0], [Dimension], keep: false)
            : [.. inputs[0].ToImmutableArray().SetItem(FromFirst(Dimension, inputs[0].Length), Sizes[Part])];
    }

    /// <summary>Repeats x along its dimensions of size 1 without copying it.</summary>
    /// <param name="Shape">The shape; -1 keeps a size.</param>
    public sealed record Expand(ImmutableArray<long> Shape) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].expand([.. Shape]);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs)
        {
            var missing = Shape.Length - inputs[0].Length;
            return Broadcast(inputs[0], [.. Shape.Select((size, i) => size == -1 ? inputs[0][i - missing] : size)]);
        }
    }

    /// <summary>Joins tensors along a dimension.</summary>
    /// <param name="Dimension">The dimension; negative counts from the end.</param>
    public sealed record Concatenate(int Dimension) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => torch.cat(inputs, Dimension);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs)
        {
            var along = FromFirst(Dimension, inputs[0].Length);
            return [.. inputs[0].ToImmutableArray().SetItem(along, inputs.Sum(shape => shape[along]))];
        }
    }

    /// <summary>Joins tensors of one shape along a new dimension.</summary>
    /// <param name="Dimension">Position of the dimension in the result; negative counts from the end.</param>
    public sealed record Stack(int Dimension) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => torch.stack(inputs, Dimension);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) =>
            [.. inputs[0].ToImmutableArray().Insert(FromFirst(Dimension, inputs[0].Length + 1), inputs.Length)];
    }

    /// <summary>Reverses x along a dimension.</summary>
    /// <param name="Dimension">The dimension; negative counts from the end.</param>
    public sealed record Flip(int Dimension) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].flip(Dimension);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }

    /// <summary>Moves the elements of x along dimensions; what leaves at one end enters at the other.</summary>
    /// <param name="Shifts">Number of indices for each dimension.</param>
    /// <param name="Dimensions">The dimensions.</param>
    public sealed record Roll(ImmutableArray<int> Shifts, ImmutableArray<int> Dimensions) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].roll(AsLongs(Shifts), AsLongs(Dimensions));

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }

    /// <summary>Pads x at its borders.</summary>
    /// <param name="Padding">Numbers of elements before and after, from the last dimension to the first, as in PyTorch.</param>
    /// <param name="Value">Value of the new elements.</param>
    /// <param name="Reflects">Whether the new elements mirror those at the border instead.</param>
    public sealed record Pad(ImmutableArray<long> Padding, double Value = 0, bool Reflects = false) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) =>
            F.pad(inputs[0], [.. Padding], Reflects ? PaddingModes.Reflect : PaddingModes.Constant, Value);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs)
        {
            long[] result = [.. inputs[0]];
            for (var i = 0; i < Padding.Length; i++)
            {
                result[result.Length - 1 - (i / 2)] += Padding[i];
            }

            return result;
        }
    }

    /// <summary>Returns the slices of x at indices along a dimension.</summary>
    /// <param name="Dimension">The dimension.</param>
    /// <remarks>Inputs: x and a vector of 64-bit indices.</remarks>
    public sealed record IndexSelect(int Dimension) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].index_select(Dimension, inputs[1]);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => [.. inputs[0].ToImmutableArray().SetItem(Dimension, inputs[1][0])];
    }

    /// <summary>Copies x to contiguous memory if it is not contiguous.</summary>
    public sealed record Contiguous : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => inputs[0].contiguous();

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => inputs[0];
    }

    /// <summary>Resamples x (N, C, …) to another size.</summary>
    /// <param name="Size">Sizes of the dimensions after the channels.</param>
    /// <param name="Mode">Linear in one dimension, bicubic with antialiasing in two.</param>
    public sealed record Interpolate(ImmutableArray<long> Size, torch.InterpolationMode Mode) : Operation
    {
        /// <inheritdoc/>
        internal override torch.Tensor Run(torch.Tensor[] inputs) => F.interpolate(
            inputs[0], [.. Size], mode: Mode, align_corners: false, antialias: Mode == torch.InterpolationMode.Bicubic);

        /// <inheritdoc/>
        internal override long[] InferShape(long[][] inputs) => [.. inputs[0][..2], .. Size];
    }
}
