using System.Collections.Immutable;
using SketchFlow.Learning.Models.Graphs;

namespace SketchFlow.Learning.Models.Profiling;

/// <summary>
/// Counts the multiply-adds of a model from its recorded forward pass. This takes milliseconds and no memory even for models of a billion
/// parameters.
/// </summary>
/// <remarks>
/// Following common practice, biases, activations, normalisations, pooling and sums are not counted, and a multiply-add counts as one
/// operation: resnet50 at 224 has 4.1 billion. timm's tables include the matrix products of attention only for models that do not use the
/// fused kernel; compare <see cref="MultiplyAddsWithoutAttention"/> with its 16.87 billion for vit_base_patch16_224.
/// </remarks>
public sealed class FlopCounter
{
    private FlopCounter(ImmutableArray<LayerWork> layers) => Layers = layers;

    /// <summary>Layers in the order of execution.</summary>
    public ImmutableArray<LayerWork> Layers { get; }

    /// <summary>Number of multiply-adds.</summary>
    public long MultiplyAdds => Layers.Sum(layer => layer.MultiplyAdds);

    /// <summary>Number of multiply-adds with weights, that is, without the matrix products of attention.</summary>
    public long MultiplyAddsWithoutAttention => Layers.Where(layer => layer.Kind != LayerKind.Attention).Sum(layer => layer.MultiplyAdds);

    /// <summary>Counts the work of an architecture at its input size; requires libtorch.</summary>
    /// <param name="architecture">Architecture to count.</param>
    /// <param name="images">Number of images in the batch; the result is for the whole batch.</param>
    public static FlopCounter Count(Architecture architecture, int images = 1)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        using var graph = architecture.Record(images);
        return Count(graph);
    }

    /// <summary>Counts the work of a recorded forward pass.</summary>
    public static FlopCounter Count(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return new([.. graph.Layers.Where(layer => layer.Kind != LayerKind.Block).Select(Work)]);
    }

    private static LayerWork Work(GraphLayer layer) =>
        new(layer.Name, layer.Kind, layer.Output.Shape, layer.Product is { } product ? MultiplyAddsOf(product) : 0);

    private static long MultiplyAddsOf(Node node)
    {
        var inputs = node.Inputs;
        return node.Operation switch
        {
            Operation.Convolution => node.Count * inputs[1].Count / inputs[1].Shape[0],
            Operation.ConvolutionPerImage conv => node.Count * (inputs[0].Shape[1] / conv.Geometry.Groups) * conv.Kernel * conv.Kernel,
            Operation.Linear or Operation.MatrixProduct => node.Count * inputs[0].Shape[^1],
            Operation.Einsum sum => sum.MultiplyAdds([.. inputs.Select(i => i.Shape)]),
            Operation.Attention => (inputs[0].Count + node.Count) * inputs[1].Shape[2],
            _ => 0,
        };
    }
}
