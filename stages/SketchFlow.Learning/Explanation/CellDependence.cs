using System.Collections.Immutable;
using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Explanation;

/// <summary>
/// Finds out which values of a recorded forward pass the logits read at all places of the image, and which only at tokens without a place, such as a class
/// token: after the last attention of a vision transformer with a class token, its patches influence nothing.
/// </summary>
internal sealed class CellDependence
{
    private readonly Graph _graph;
    private readonly Reads[] _reads;
    private readonly bool[] _isImage;
    private readonly SortedSet<int> _tokens = [];
    private readonly int[] _furthest;

    /// <summary>Follows a recorded pass of one image back from the logits.</summary>
    public CellDependence(Graph graph)
    {
        _graph = graph;
        _reads = new Reads[graph.Nodes.Length];
        _isImage = new bool[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            _isImage[node.Index] = node == graph.Input || node.Inputs.Any(input => _isImage[input.Index]);
        }

        _reads[graph.Output.Index] = Reads.Cells;
        var last = new int[graph.Nodes.Length];
        for (var i = graph.Nodes.Length - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            for (var k = 0; _reads[i] != Reads.Nothing && k < node.Inputs.Length; k++)
            {
                var input = node.Inputs[k].Index;
                var reads = ReadBy(node, k);
                _reads[input] = (Reads)Math.Max((int)_reads[input], (int)reads);
                last[input] = reads == Reads.Cells && _isImage[input] ? Math.Max(last[input], i) : last[input];
            }
        }

        _furthest = new int[graph.Nodes.Length];
        for (var i = 1; i < last.Length; i++)
        {
            _furthest[i] = Math.Max(_furthest[i - 1], last[i - 1]);
        }
    }

    private enum Reads
    {
        Nothing,
        Prefix,
        Cells,
    }

    /// <summary>Numbers of the prefix tokens that the head reads; empty if it reads the cells.</summary>
    public ImmutableArray<int> Tokens => _reads[_graph.Features.Index] == Reads.Prefix ? [.. _tokens] : [];

    /// <summary>Returns whether everything that the logits know about the places of the image passes through a value.</summary>
    public bool IsPassedByAll(Node node) => _reads[node.Index] == Reads.Cells && _isImage[node.Index] && _furthest[node.Index] <= node.Index;

    private Reads ReadBy(Node node, int input)
    {
        var reads = _reads[node.Index];
        switch (node.Operation)
        {
            // A query decides how its own row mixes all keys and values.
            case Operation.MatrixProduct or Operation.Einsum or Operation.Attention:
                return input == 0 ? reads : Reads.Cells;
            case Operation.Select { Dimension: 1 } select:
                return ReadRange(node, reads, select.Index, 1);
            case Operation.Narrow { Dimension: 1 } narrow:
                return ReadRange(node, reads, narrow.Start, narrow.Length);
            default:
                return reads;
        }
    }

    private Reads ReadRange(Node node, Reads reads, long start, long length)
    {
        var input = node.Inputs[0];
        var isPrefix = reads == Reads.Cells && SpatialFeature.FindTokens(_graph, input) is { } tokens && start + length <= tokens.Prefix;
        for (var i = start; isPrefix && i < start + length; i++)
        {
            _tokens.Add((int)i);
        }

        return isPrefix ? Reads.Prefix : reads;
    }
}
