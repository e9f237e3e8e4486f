using System.Collections.Immutable;

namespace SketchFlow.Learning.Weights;

/// <summary>One tensor of a file of weights, as the file describes it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Dtype">safetensors' name of its type, such as <c>F32</c>.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="Begin">Its first byte: counted from the end of the header in a safetensors file, from the beginning of the file in PyTorch's.</param>
/// <param name="End">The byte after its last.</param>
public sealed record TensorEntry(string Name, string Dtype, ImmutableArray<long> Shape, long Begin, long End)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The dictionary that holds it in a PyTorch checkpoint, such as <c>state_dict</c>; empty where the file has only one level.</summary>
    public string Container { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Dtype} ({string.Join(", ", Shape)})";
}
