using System.Collections.Immutable;

namespace SketchFlow.Learning.Models.Profiling;

/// <summary>
/// One call of libtorch that a pass spends its multiply-adds in, as it was made: what is needed to make it again, alone, over other
/// numbers. Two are equal where their shapes, their places in memory and their settings are.
/// </summary>
public sealed record TracedOperation
{
    /// <summary>Which call: conv2d, linear or scaled_dot_product_attention.</summary>
    public required LayerKind Kind { get; init; }

    /// <summary>Input and weight; queries, keys and values for attention.</summary>
    public required ImmutableArray<TensorLayout> Operands { get; init; }

    /// <summary>What is added: (out) after a convolution or a matrix product, (1, heads, tokens, tokens) before attention's softmax; null adds nothing.</summary>
    public TensorLayout? Bias { get; init; }

    /// <summary>For convolutions.</summary>
    public ConvolutionGeometry? Convolving { get; init; }

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
