using System.Collections.Immutable;

namespace SketchFlow.Learning.Models.Graphs;

/// <summary>One step of a recorded forward pass: an operation on the results of earlier nodes.</summary>
public sealed class Node
{
    internal Node(GraphBuilder builder, int index, Operation operation, ImmutableArray<Node> inputs, ImmutableArray<long> shape) =>
        (Builder, Index, Operation, Inputs, Shape) = (builder, index, operation, inputs, shape);

    /// <summary>Position among the graph's nodes; inputs have smaller ones.</summary>
    public int Index { get; }

    /// <summary>The operation.</summary>
    public Operation Operation { get; }

    /// <summary>The nodes whose results the operation reads.</summary>
    public ImmutableArray<Node> Inputs { get; }

    /// <summary>Shape of the result for the recorded batch.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>Number of elements of the result for the recorded batch.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    internal GraphBuilder Builder { get; }

    /// <inheritdoc/>
    public override string ToString()
    {
        var inputs = string.Join(", ", Inputs.Select(input => $"%{input.Index}"));
        return $"%{Index} ({string.Join(", ", Shape)}) = {Operation.GetType().Name}({inputs})";
    }
}
