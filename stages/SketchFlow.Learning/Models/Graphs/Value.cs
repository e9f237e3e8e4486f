using TorchSharp;

namespace SketchFlow.Learning.Models.Graphs;

/// <summary>
/// A value of the forward pass: a tensor; or, while the pass is recorded, the result of a node that has a shape but no elements. Layers are
/// functions of values, so that the same description serves to compute, record, count and export a model.
/// </summary>
/// <remarks>Operations on tensors call libtorch immediately. An operation with a recorded value adds a node; its other tensors become constants.</remarks>
public readonly partial struct Value : IDisposable
{
    private readonly torch.Tensor? _tensor;

    /// <summary>Creates the value of a tensor.</summary>
    public Value(torch.Tensor tensor) => _tensor = tensor;

    internal Value(Node node) => Node = node;

    /// <summary>The tensor; throws <see cref="InvalidOperationException"/> while the pass is recorded.</summary>
    public torch.Tensor Tensor => _tensor ?? throw new InvalidOperationException("The value is recorded and has no elements.");

    /// <summary>Whether the pass is recorded, so that there are no elements.</summary>
    public bool IsRecorded => Node is not null;

    /// <summary>Number of elements along each dimension.</summary>
    public long[] Shape => Node is { } node ? [.. node.Shape] : Tensor.shape;

    /// <summary>Number of dimensions.</summary>
    public int Rank => Node is { } node ? node.Shape.Length : (int)Tensor.dim();

    /// <summary>Type of the elements; float32 while the pass is recorded.</summary>
    public torch.ScalarType Type => _tensor?.dtype ?? torch.ScalarType.Float32;

    /// <summary>Device of the tensor; the CPU while the pass is recorded.</summary>
    public torch.Device Device => _tensor?.device ?? torch.CPU;

    internal DeviceType DeviceType => _tensor?.device_type ?? DeviceType.CPU;

    internal int DeviceIndex => _tensor?.device_index ?? -1;

    internal Node? Node { get; }

    /// <summary>Returns whether two values are the same tensor object or the result of the same node.</summary>
    public bool IsSameAs(Value other) => ReferenceEquals(_tensor, other._tensor) && ReferenceEquals(Node, other.Node);

    /// <summary>Disposes the tensor if there is one.</summary>
    public void Dispose() => _tensor?.Dispose();

    /// <summary>Moves the tensor, if there is one, to the dispose scope around the current one.</summary>
    public Value MoveToOuterDisposeScope() => _tensor is { } tensor ? new(tensor.MoveToOuterDisposeScope()) : this;

    /// <inheritdoc/>
    public override string ToString() => Node?.ToString() ?? $"({string.Join(", ", Shape)})";

    /// <summary>Computes an operation, or records it if any input is recorded.</summary>
    private static Value Apply(Operation operation, params ReadOnlySpan<Value> inputs)
    {
        foreach (var input in inputs)
        {
            if (input.Node is { } node)
            {
                return node.Builder.Add(operation, inputs);
            }
        }

        var tensors = new torch.Tensor[inputs.Length];
        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = inputs[i].Tensor;
        }

        return new(operation.Run(tensors));
    }
}
