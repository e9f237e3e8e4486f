using System.Collections.Immutable;

namespace SketchFlow.Learning.Weights;

/// <summary>One tensor of a safetensors file, as its header has it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Dtype">The format's name of its type, such as <c>F32</c>.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="Begin">Its first byte, counted from the end of the header.</param>
/// <param name="End">The byte after its last.</param>
public sealed record TensorEntry(string Name, string Dtype, ImmutableArray<long> Shape, long Begin, long End)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Dtype} ({string.Join(", ", Shape)})";
}
