using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Export;

/// <summary>
/// Computes what a recorded forward pass computes from the weights alone: resampled positions, biases for relative positions, standardised
/// kernels. The graph must be recorded with a batch size that divides no other size, so that what depends on the batch is recognised.
/// </summary>
internal sealed class ConstantValues : IDisposable
{
    private readonly DisposeScope _scope = torch.NewDisposeScope();
    private readonly torch.Tensor?[] _values;

    /// <summary>Computes the values.</summary>
    /// <param name="graph">Recorded forward pass.</param>
    /// <param name="weights">Tensors in the order of the model's.</param>
    /// <param name="batch">Number of images in the recorded batch.</param>
    public ConstantValues(Graph graph, IReadOnlyList<torch.Tensor> weights, long batch)
    {
        _values = new torch.Tensor?[graph.Nodes.Length];
        using var quiet = torch.no_grad();
        foreach (var node in graph.Nodes)
        {
            if (node.Operation is Operation.Input || node.Inputs.Any(input => _values[input.Index] is null) || Repeats(node, batch))
            {
                continue;
            }

            _values[node.Index] = node.Operation is Operation.Weight weight
                ? weights[weight.Index]
                : node.Operation.Run([.. node.Inputs.Select(input => _values[input.Index]!)]);
        }
    }

    /// <summary>Value of a node, or null if it depends on the images.</summary>
    public torch.Tensor? this[Node node] => _values[node.Index];

    /// <inheritdoc/>
    public void Dispose() => _scope.Dispose();

    // A class token is repeated for each image.
    private static bool Repeats(Node node, long batch) => node.Operation is Operation.Expand && node.Shape.Any(size => size % batch == 0);
}
