using System.Collections.Immutable;
using TorchSharp;

namespace SketchFlow.Learning.Models;

/// <summary>Where the elements of a tensor lie.</summary>
/// <param name="Shape">Sizes.</param>
/// <param name="Strides">Elements from one index to the next, for each dimension.</param>
public sealed record Layout(ImmutableArray<long> Shape, ImmutableArray<long> Strides)
{
    /// <summary>Elements from the first to the last in memory, both counted.</summary>
    public long Extent => Shape.Contains(0) ? 0 : 1 + Shape.Zip(Strides, (size, stride) => (size - 1) * stride).Sum();

    /// <summary>A tensor whose last dimension is the innermost.</summary>
    public static Layout Dense(params ImmutableArray<long> shape) => new(shape, Steps(shape, Enumerable.Range(0, shape.Length).Reverse()));

    /// <summary>(N, C, H, W) with the channels innermost.</summary>
    public static Layout ChannelsLast(params ImmutableArray<long> shape) => new(shape, Steps(shape, [1, 3, 2, 0]));

    /// <inheritdoc/>
    public bool Equals(Layout? other) => other is not null && Shape.SequenceEqual(other.Shape) && Strides.SequenceEqual(other.Strides);

    /// <inheritdoc/>
    public override int GetHashCode() => Shape.Concat(Strides).Aggregate(17, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => $"({string.Join(", ", Shape)})";

    internal static Layout Of(torch.Tensor tensor) => new([.. tensor.shape], [.. tensor.stride()]);

    private static ImmutableArray<long> Steps(ImmutableArray<long> shape, IEnumerable<int> fromInnermost)
    {
        var (strides, step) = (new long[shape.Length], 1L);
        foreach (var dimension in fromInnermost)
        {
            strides[dimension] = step;
            step *= shape[dimension];
        }

        return [.. strides];
    }
}

/// <summary>How a convolution goes over its image.</summary>
/// <param name="StrideDown">Rows from one place of the kernel to the next.</param>
/// <param name="StrideAcross">Columns from one place to the next.</param>
/// <param name="PaddingDown">Rows of zeros above and below.</param>
/// <param name="PaddingAcross">Columns of zeros at the left and the right.</param>
/// <param name="Groups">Groups of channels that do not see each other.</param>
public sealed record Convolving(long StrideDown, long StrideAcross, long PaddingDown, long PaddingAcross, long Groups);

/// <summary>
/// One call of libtorch that a pass spends its multiply-adds in, as it was made: what is needed to make it again, alone, over other
/// numbers. Two are equal where their shapes, their places in memory and their settings are.
/// </summary>
public sealed record TracedOperation
{
    /// <summary>Which call: conv2d, linear or scaled_dot_product_attention.</summary>
    public required LayerKind Kind { get; init; }

    /// <summary>Input and weight; queries, keys and values for attention.</summary>
    public required ImmutableArray<Layout> Operands { get; init; }

    /// <summary>What is added: (out) after a convolution or a matrix product, (1, heads, tokens, tokens) before attention's softmax; null adds nothing.</summary>
    public Layout? Bias { get; init; }

    /// <summary>For convolutions.</summary>
    public Convolving? Convolving { get; init; }

    /// <inheritdoc/>
    public bool Equals(TracedOperation? other) => other is not null && Kind == other.Kind && Equals(Bias, other.Bias) && Equals(Convolving, other.Convolving) && Operands.SequenceEqual(other.Operands);

    /// <inheritdoc/>
    public override int GetHashCode() => Operands.Aggregate(HashCode.Combine(Kind, Bias, Convolving), HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString()
    {
        var settings = Convolving is { } c
            ? $", stride {c.StrideDown}{(c.StrideAcross == c.StrideDown ? "" : $" x {c.StrideAcross}")}{(c.Groups == 1 ? "" : $", {c.Groups} groups")}"
            : "";
        return $"{Kind switch { LayerKind.Convolution => "conv2d", LayerKind.Linear => "linear", _ => "attention" }} {string.Join(" x ", Operands)}{settings}{(Bias is null ? "" : ", bias")}";
    }
}
