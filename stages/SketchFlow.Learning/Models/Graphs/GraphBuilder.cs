using System.Collections.Immutable;
using TorchSharp;

namespace SketchFlow.Learning.Models.Graphs;

/// <summary>Collects the nodes of a forward pass while it is recorded.</summary>
internal sealed class GraphBuilder
{
    private readonly List<Node> _nodes = [];
    private readonly List<GraphLayer> _layers = [];
    private readonly Dictionary<torch.Tensor, Node> _constants = new(ReferenceEqualityComparer.Instance);

    /// <summary>Adds a node for an operation.</summary>
    public Value Add(Operation operation, params ReadOnlySpan<Value> inputs)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>(inputs.Length);
        foreach (var input in inputs)
        {
            nodes.Add(input.Node ?? AddConstant(input.Tensor));
        }

        return new(AddNode(operation, nodes.MoveToImmutable()));
    }

    /// <summary>Names the output of a layer.</summary>
    public void AddLayer(string name, LayerKind kind, Value output, TokenLayout? tokens) => _layers.Add(
        new(name, kind, output.Node ?? AddConstant(output.Tensor)) { Tokens = kind == LayerKind.Attention ? tokens : null });

    /// <summary>Creates the graph; nothing may be added afterwards.</summary>
    public Graph ToGraph(Value input, Value features, Value output) =>
        new([.. _nodes], [.. _layers]) { Input = input.Node!, Features = features.Node!, Output = output.Node! };

    // The caller's tensor may be disposed with its scope; the graph keeps a handle of its own.
    private Node AddConstant(torch.Tensor tensor)
    {
        if (!_constants.TryGetValue(tensor, out var node))
        {
            node = AddNode(new Operation.Constant(tensor.alias().DetachFromDisposeScope()), []);
            _constants.Add(tensor, node);
        }

        return node;
    }

    private Node AddNode(Operation operation, ImmutableArray<Node> inputs)
    {
        var shapes = new long[inputs.Length][];
        for (var i = 0; i < shapes.Length; i++)
        {
            shapes[i] = [.. inputs[i].Shape];
        }

        var node = new Node(this, _nodes.Count, operation, inputs, [.. operation.InferShape(shapes)]);
        _nodes.Add(node);
        return node;
    }
}
