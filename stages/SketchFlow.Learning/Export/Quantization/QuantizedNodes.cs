using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Export.Quantization;

/// <summary>The nodes of a recorded forward pass that an 8-bit export computes in 8 bits, and the values that it rounds.</summary>
/// <remarks>
/// Convolutions over feature maps and linear layers over tokens do nearly all work. What is computed once per image, such as the classifier and
/// squeeze-excitation, stays in float32: it costs little, and its errors reach the logits directly.
/// </remarks>
internal sealed class QuantizedNodes
{
    private readonly HashSet<Node> _products = [];
    private readonly HashSet<Node> _folded = [];
    private readonly HashSet<Node> _ends = [];
    private readonly HashSet<Node> _values = [];
    private readonly ILookup<Node, Node> _readers;

    /// <summary>Finds the nodes.</summary>
    /// <param name="graph">Recorded forward pass.</param>
    public QuantizedNodes(Graph graph)
    {
        _readers = graph.Nodes.SelectMany(reader => reader.Inputs.Distinct().Select(input => (input, reader))).ToLookup(p => p.input, p => p.reader);
        var varying = new HashSet<Node>();
        foreach (var node in graph.Nodes)
        {
            if (node.Operation is Operation.Input || node.Inputs.Any(varying.Contains))
            {
                varying.Add(node);
            }
        }

        foreach (var node in graph.Nodes.Where(n => IsLarge(n) && varying.Contains(n.Inputs[0]) && !n.Inputs.Skip(1).Any(varying.Contains)))
        {
            _products.Add(node);
            _values.Add(node.Inputs[0]);
            if (node.Operation is Operation.Convolution)
            {
                AddEnd(node);
            }
        }
    }

    /// <summary>Results that are rounded to 8 bits.</summary>
    public IReadOnlySet<Node> Values => _values;

    /// <summary>Whether a node is computed in 8 bits.</summary>
    public bool IsProduct(Node node) => _products.Contains(node);

    /// <summary>Whether a batch normalisation is part of the convolution before it.</summary>
    public bool IsFolded(Node node) => _folded.Contains(node);

    /// <summary>The batch normalisation that is part of a convolution; null if there is none.</summary>
    public Node? FoldedInto(Node convolution) => _readers[convolution].FirstOrDefault(IsFolded);

    /// <summary>Whether every reader of a node's result reads the rounded one: the results of convolutions after batch normalisation and activation.</summary>
    public bool IsEnd(Node node) => _ends.Contains(node);

    /// <summary>Whether a sum is computed from rounded values: both are rounded anyway, and so is the sum.</summary>
    public bool IsRoundedSum(Node sum) => sum.Inputs.All(_values.Contains) && (_values.Contains(sum) || _values.Contains(End(sum)));

    private static bool IsLarge(Node node) => node.Operation switch
    {
        Operation.Convolution => node.Shape[2] * node.Shape[3] > 1,
        Operation.Linear => node.Shape.Length > 2,
        _ => false,
    };

    private void AddEnd(Node convolution)
    {
        var end = convolution;
        if (OnlyReader(end) is { Operation: Operation.BatchNorm { UsesBatch: false } } norm && norm.Inputs[0] == end)
        {
            _folded.Add(norm);
            end = norm;
        }

        _ends.Add(End(end));
        _values.Add(End(end));
    }

    // ONNX Runtime computes these activations by the limits of the stored levels.
    private Node End(Node node)
    {
        var reader = OnlyReader(node);
        return reader?.Operation is Operation.Elementwise { Function: ElementwiseFunction.Relu or ElementwiseFunction.Relu6 } ? reader : node;
    }

    private Node? OnlyReader(Node node) => _readers[node].Take(2).ToArray() is [var one] ? one : null;
}
