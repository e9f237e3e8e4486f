using System.Collections.Immutable;
using TorchSharp;

namespace SketchFlow.Learning.Models.Profiling;

/// <summary>Shape and strides of a tensor.</summary>
/// <param name="Shape">Number of elements along each dimension.</param>
/// <param name="Strides">Distance between neighbouring indices of each dimension, in elements.</param>
public sealed record TensorLayout(ImmutableArray<long> Shape, ImmutableArray<long> Strides)
{
    /// <summary>Number of elements from the first to the last in memory, inclusive.</summary>
    public long Extent => Shape.Contains(0) ? 0 : 1 + Shape.Zip(Strides, (size, stride) => (size - 1) * stride).Sum();

    /// <summary>Returns the layout of a contiguous tensor.</summary>
    public static TensorLayout Dense(params ImmutableArray<long> shape) => new(shape, Steps(shape, Enumerable.Range(0, shape.Length).Reverse()));

    /// <summary>Returns the channels-last layout of (N, C, H, W).</summary>
    public static TensorLayout ChannelsLast(params ImmutableArray<long> shape) => new(shape, Steps(shape, [1, 3, 2, 0]));

    /// <inheritdoc/>
    public bool Equals(TensorLayout? other) => other is not null && Shape.SequenceEqual(other.Shape) && Strides.SequenceEqual(other.Strides);

    /// <inheritdoc/>
    public override int GetHashCode() => Shape.Concat(Strides).Aggregate(17, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => $"({string.Join(", ", Shape)})";

    internal static TensorLayout From(torch.Tensor tensor) => new([.. tensor.shape], [.. tensor.stride()]);

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
