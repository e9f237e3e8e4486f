namespace SketchFlow.Learning.Models.Graphs;

/// <summary>A named layer of a recorded forward pass.</summary>
/// <param name="Name">Dotted name, the prefix of its tensors' names.</param>
/// <param name="Kind">Kind of layer.</param>
/// <param name="Output">The node that computes its output.</param>
public sealed record GraphLayer(string Name, LayerKind Kind, Node Output)
{
    /// <summary>Places of the keys of an attention in the image, as the architecture declares them; null in other layers.</summary>
    public TokenLayout? Tokens { get; init; }

    /// <summary>The convolution, matrix product or attention that does the layer's work; null in normalisations and blocks.</summary>
    public Node? Product
    {
        get
        {
            if (Kind is LayerKind.Normalization or LayerKind.Block)
            {
                return null;
            }

            // A convolution over channels at the end is followed by a permutation.
            var node = Output;
            while (node.Operation is Operation.Permute)
            {
                node = node.Inputs[0];
            }

            return node.Operation.IsProduct ? node : null;
        }
    }
}
