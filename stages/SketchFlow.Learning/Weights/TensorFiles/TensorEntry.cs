using System.Collections.Immutable;

namespace SketchFlow.Learning.Weights.TensorFiles;

/// <summary>The description of a tensor in a file of weights.</summary>
/// <param name="Name">Name of the tensor.</param>
/// <param name="Dtype">Element type by its safetensors name, such as <c>F32</c>.</param>
/// <param name="Shape">Size of each dimension; empty for a scalar.</param>
/// <param name="Begin">Position of the first byte, from the end of the header in safetensors and from the start of the file in PyTorch checkpoints.</param>
/// <param name="End">Position after the last byte.</param>
public sealed record TensorEntry(string Name, string Dtype, ImmutableArray<long> Shape, long Begin, long End)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Name of the dictionary that contains the tensor in a PyTorch checkpoint, such as <c>state_dict</c>; empty at the top level.</summary>
    public string Container { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Dtype} ({string.Join(", ", Shape)})";
}
