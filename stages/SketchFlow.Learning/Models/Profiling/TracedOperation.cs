using System.Collections.Immutable;
using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Models.Profiling;

/// <summary>
/// One libtorch call of a forward pass with its shapes, memory layouts and settings, so that it can be repeated alone on other values. Two
/// operations are equal if their shapes, layouts and settings are.
/// </summary>
public sealed record TracedOperation
{
    /// <summary>Kind of call: conv2d, linear or scaled_dot_product_attention.</summary>
    public required LayerKind Kind { get; init; }

    /// <summary>Layouts of input and weight; for attention, of queries, keys and values.</summary>
    public required ImmutableArray<TensorLayout> Operands { get; init; }

    /// <summary>
    /// Layout of the bias: (out) of a convolution or fully connected layer, (1, heads, tokens, tokens) of attention; null has no bias.
    /// </summary>
    public TensorLayout? Bias { get; init; }

    /// <summary>Stride, padding and groups of a convolution; null for other operations.</summary>
    public ConvolutionGeometry? Geometry { get; init; }

    /// <inheritdoc/>
    public bool Equals(TracedOperation? other) =>
        other is not null
        && Kind == other.Kind
        && Equals(Bias, other.Bias)
        && Equals(Geometry, other.Geometry)
        && Operands.SequenceEqual(other.Operands);

    /// <inheritdoc/>
    public override int GetHashCode() => Operands.Aggregate(HashCode.Combine(Kind, Bias, Geometry), HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString()
    {
        var settings = Geometry is { } c
            ? $", stride {c.StrideY}{(c.StrideX == c.StrideY ? "" : $" x {c.StrideX}")}{(c.Groups == 1 ? "" : $", {c.Groups} groups")}"
            : "";
        var call = Kind switch { LayerKind.Convolution => "conv2d", LayerKind.Linear => "linear", _ => "attention" };
        return $"{call} {string.Join(" x ", Operands)}{settings}{(Bias is null ? "" : ", bias")}";
    }
}
