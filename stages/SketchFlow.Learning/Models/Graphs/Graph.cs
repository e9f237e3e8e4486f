using System.Collections.Immutable;
using System.Text;
using TorchSharp;

namespace SketchFlow.Learning.Models.Graphs;

/// <summary>
/// A forward pass in inference mode as a list of operations, recorded from the model's own layers. It is independent of the values of the
/// weights. Work counters, printers and exporters read it; <see cref="Run"/> replays it.
/// </summary>
public sealed class Graph : IDisposable
{
    private readonly int[] _lastReaders;

    internal Graph(ImmutableArray<Node> nodes, ImmutableArray<GraphLayer> layers)
    {
        (Nodes, Layers) = (nodes, layers);
        _lastReaders = new int[nodes.Length];
        foreach (var node in nodes)
        {
            foreach (var input in node.Inputs)
            {
                _lastReaders[input.Index] = node.Index;
            }
        }
    }

    /// <summary>Nodes in the order of execution.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>Named layers in the order of execution.</summary>
    public ImmutableArray<GraphLayer> Layers { get; }

    /// <summary>The images (N, 3, H, W).</summary>
    public required Node Input { get; init; }

    /// <summary>The last feature map or token sequence.</summary>
    public required Node Features { get; init; }

    /// <summary>The logits (N, classes).</summary>
    public required Node Output { get; init; }

    /// <summary>Computes the logits of a batch with libtorch.</summary>
    /// <param name="weights">Tensors in the order of <c>Architecture.Tensors</c>.</param>
    /// <param name="images">Normalised images (N, 3, H, W); N must be that of the recorded batch.</param>
    /// <param name="observe">Receives each node with its inputs before it runs; null observes nothing.</param>
    public torch.Tensor Run(IReadOnlyList<torch.Tensor> weights, torch.Tensor images, Action<Node, torch.Tensor[]>? observe = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(images);
        if (!images.shape.AsSpan().SequenceEqual(Input.Shape.AsSpan()))
        {
            throw new ArgumentException($"expected images ({string.Join(", ", Input.Shape)}), got ({string.Join(", ", images.shape)})", nameof(images));
        }

        using var scope = torch.NewDisposeScope();
        var values = new torch.Tensor?[Nodes.Length];
        foreach (var node in Nodes)
        {
            var inputs = node.Inputs.Select(input => values[input.Index]!).ToArray();
            observe?.Invoke(node, inputs);
            values[node.Index] = node.Operation switch
            {
                Operation.Input => images,
                Operation.Weight weight => weights[weight.Index],
                var operation => operation.Run(inputs),
            };
            Release(node, values);
        }

        return values[Output.Index]!.MoveToOuterDisposeScope();
    }

    /// <summary>Prints one line for each node.</summary>
    public override string ToString() => Nodes.Aggregate(new StringBuilder(), (text, node) => text.Append(node).Append('\n')).ToString();

    /// <summary>Disposes the constants.</summary>
    public void Dispose()
    {
        foreach (var node in Nodes)
        {
            (node.Operation as Operation.Constant)?.Tensor.Dispose();
        }
    }

    // Disposes what no later node reads. In-place operations return their input, which is then still a value.
    private void Release(Node reader, torch.Tensor?[] values)
    {
        foreach (var input in reader.Inputs)
        {
            if (_lastReaders[input.Index] == reader.Index && input != Output && !reader.Operation.IsInPlace
                && input.Operation is not (Operation.Input or Operation.Weight or Operation.Constant))
            {
                values[input.Index]?.Dispose();
                values[input.Index] = null;
            }
        }
    }
}
