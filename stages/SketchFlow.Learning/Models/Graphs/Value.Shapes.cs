using TorchSharp;

namespace SketchFlow.Learning.Models.Graphs;

public readonly partial struct Value
{
    /// <summary>Joins values along a dimension.</summary>
    public static Value Concatenate(ReadOnlySpan<Value> values, int dimension = 0) => Apply(new Operation.Concatenate(dimension), values);

    /// <summary>Joins values of one shape along a new dimension.</summary>
    public static Value Stack(ReadOnlySpan<Value> values, int dimension) => Apply(new Operation.Stack(dimension), values);

    /// <summary>Gives another shape with the same elements in the same order; one size may be -1, which stands for the rest.</summary>
    public Value Reshape(params ReadOnlySpan<long> shape) => Apply(new Operation.Reshape([.. shape]), this);

    /// <summary>Joins neighbouring dimensions, by default up to the last.</summary>
    public Value Flatten(int first, int last = -1)
    {
        var shape = Shape;
        var (start, end) = (first < 0 ? first + shape.Length : first, (last < 0 ? last + shape.Length : last) + 1);
        return Reshape([.. shape[..start], shape[start..end].Aggregate(1L, (product, size) => product * size), .. shape[end..]]);
    }

    /// <summary>Reorders the dimensions.</summary>
    public Value Permute(params ReadOnlySpan<int> order) => Apply(new Operation.Permute([.. order]), this);

    /// <summary>Swaps two dimensions.</summary>
    public Value Transpose(int a, int b)
    {
        Span<int> order = stackalloc int[Rank];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        (order[a], order[b]) = (b, a);
        return Permute(order);
    }

    /// <summary>Inserts a dimension of size 1; a negative position counts from the end of the result.</summary>
    public Value Unsqueeze(int dimension) => Apply(new Operation.Unsqueeze(dimension), this);

    /// <summary>Removes a dimension of size 1.</summary>
    public Value Squeeze(int dimension) => Apply(new Operation.Squeeze(dimension), this);

    /// <summary>Returns one slice along a dimension, which is removed.</summary>
    public Value Select(int dimension, long index) => Apply(new Operation.Select(dimension, index), this);

    /// <summary>Returns a range along a dimension.</summary>
    public Value Narrow(int dimension, long start, long length) => Apply(new Operation.Narrow(dimension, start, length), this);

    /// <summary>Splits along a dimension into parts of the given sizes.</summary>
    public Value[] Split(long[] sizes, int dimension)
    {
        var source = this;
        return Node is null
            ? [.. Tensor.split(sizes, dimension).Select(part => new Value(part))]
            : [.. sizes.Select((_, part) => Apply(new Operation.SplitPart(dimension, [.. sizes], part), source))];
    }

    /// <summary>Splits along a dimension into equal parts.</summary>
    public Value[] Chunk(int count, int dimension)
    {
        var shape = Shape;
        var sizes = new long[count];
        Array.Fill(sizes, shape[dimension < 0 ? dimension + shape.Length : dimension] / count);
        return Split(sizes, dimension);
    }

    /// <summary>Returns all slices along a dimension, which is removed.</summary>
    public Value[] Unbind(int dimension)
    {
        var source = this;
        return Node is null
            ? [.. Tensor.unbind(dimension).Select(part => new Value(part))]
            : [.. Enumerable.Range(0, (int)Shape[dimension]).Select(part => Apply(new Operation.SplitPart(dimension, [], part), source))];
    }

    /// <summary>Repeats along dimensions of size 1 without copying; -1 keeps a size.</summary>
    public Value Expand(params ReadOnlySpan<long> shape) => Apply(new Operation.Expand([.. shape]), this);

    /// <summary>Reverses a dimension.</summary>
    public Value Flip(int dimension) => Apply(new Operation.Flip(dimension), this);

    /// <summary>Moves elements along dimensions; what leaves at one end enters at the other.</summary>
    public Value Roll(int[] shifts, int[] dimensions) => Apply(new Operation.Roll([.. shifts], [.. dimensions]), this);

    /// <summary>Pads the borders with a value; the numbers before and after begin with the last dimension.</summary>
    public Value Pad(ReadOnlySpan<long> padding, double value = 0) => Apply(new Operation.Pad([.. padding], value), this);

    /// <summary>Pads the borders by reflection; the numbers before and after begin with the last dimension.</summary>
    public Value PadReflecting(ReadOnlySpan<long> padding) => Apply(new Operation.Pad([.. padding], Reflects: true), this);

    /// <summary>Returns the slices at 64-bit indices along a dimension.</summary>
    public Value IndexSelect(int dimension, Value indices) => Apply(new Operation.IndexSelect(dimension), this, indices);

    /// <summary>Resamples (N, C, L) linearly or (N, C, H, W) bicubically with antialiasing.</summary>
    public Value Interpolate(ReadOnlySpan<long> size, torch.InterpolationMode mode) => Apply(new Operation.Interpolate([.. size], mode), this);
}
