using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Explanation;

/// <summary>The last value of a network that everything it knows about the places of an image passes through, and its layout.</summary>
/// <param name="Layer">Name of the layer that computes it; null for the last feature map or token sequence.</param>
/// <param name="Height">Number of rows of cells.</param>
/// <param name="Width">Number of columns of cells.</param>
public sealed record SpatialFeature(string? Layer, int Height, int Width)
{
    /// <summary>Number of tokens before the grid; null if the value is a map with rows and columns.</summary>
    public int? Prefix { get; init; }

    /// <summary>Whether the channels of a map are its last dimension, (N, H, W, C); otherwise it is (N, C, H, W).</summary>
    public bool IsChannelsLast { get; init; }

    /// <summary>Finds the value in a recorded forward pass of one image, without a list of families; null if there is none.</summary>
    internal static SpatialFeature? Find(Graph graph)
    {
        var cells = new CellDependence(graph);
        if (cells.IsPassedByAll(graph.Features) && Describe(graph, null, graph.Features) is { } last)
        {
            return last;
        }

        return graph.Layers.Reverse()
            .Where(layer => layer.Kind is LayerKind.Block or LayerKind.Normalization && cells.IsPassedByAll(layer.Output))
            .Select(layer => Describe(graph, layer.Name, layer.Output)).FirstOrDefault(found => found is not null);
    }

    /// <summary>Finds the places of the tokens of a value (1, tokens, C): those of the nearest attention over equally many; null if it has no tokens.</summary>
    internal static TokenLayout? FindTokens(Graph graph, Node node) => node.Shape is not [1, var count, _] ? null : graph.Layers
        .Where(layer => layer.Tokens is { Partition: null } tokens && tokens.Count == count)
        .MinBy(layer => Math.Abs(layer.Output.Index - node.Index))?.Tokens;

    /// <summary>Arranges a tensor of this layout as a map (N, C, H, W), without its prefix tokens.</summary>
    /// <param name="value">(N, C, H, W), (N, H, W, C) or (N, prefix + H × W, C).</param>
    public torch.Tensor ToMap(torch.Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Prefix is { } prefix
            ? value.narrow(1, prefix, (long)Height * Width).transpose(1, 2).reshape(value.shape[0], value.shape[2], Height, Width)
            : IsChannelsLast ? value.permute(0, 3, 1, 2) : value;
    }

    private static SpatialFeature? Describe(Graph graph, string? layer, Node node)
    {
        if (FindTokens(graph, node) is { } tokens)
        {
            return new(layer, tokens.Height, tokens.Width) { Prefix = tokens.Prefix };
        }

        return (node.Shape, ChannelsOf(node)) switch
        {
            ([1, _, var height, var width], 1) when height * width > 1 => new(layer, (int)height, (int)width),
            ([1, var height, var width, _], 3) when height * width > 1 => new(layer, (int)height, (int)width) { IsChannelsLast = true },
            _ => null,
        };
    }

    // The dimension of the channels of a map: convolutions and pools have them second, matrix products and layer normalisation last. Other operations
    // keep or permute those of their inputs.
    private static int? ChannelsOf(Node node) => node.Shape.Length != 4 ? null : node.Operation switch
    {
        Operation.Convolution or Operation.ConvolutionPerImage or Operation.BatchNorm or Operation.GroupNorm or Operation.MaxPool2d
            or Operation.AveragePool2d or Operation.Input => 1,
        Operation.Linear or Operation.LayerNorm => 3,
        Operation.Permute permute => ChannelsOf(node.Inputs[0]) is { } channels ? permute.Order.IndexOf(channels) : null,
        Operation.Reshape or Operation.Weight or Operation.Constant or Operation.Attention or Operation.MatrixProduct or Operation.Einsum => null,
        _ => node.Inputs.Select(ChannelsOf).FirstOrDefault(channels => channels is not null),
    };
}
