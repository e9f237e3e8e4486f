using System.Collections.Immutable;
using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models.Profiling;

/// <summary>
/// Finds the memory layouts of a recorded forward pass by replaying it on tensors that have shapes and strides but no memory (PyTorch's meta
/// device), so that each operation can be timed alone on equal operands.
/// </summary>
public static class OperationTrace
{
    /// <summary>Lists the convolutions, matrix products and attentions of a forward pass in the order of execution.</summary>
    /// <param name="architecture">Architecture to trace.</param>
    /// <param name="images">Number of images in the batch.</param>
    public static ImmutableArray<(LayerWork Layer, TracedOperation Operation)> Record(Architecture architecture, int images)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        using var graph = architecture.Record(images);
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var values = new torch.Tensor[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            values[node.Index] = Layout(node, [.. node.Inputs.Select(input => values[input.Index])]);
        }

        var work = FlopCounter.Count(graph).Layers;
        return
        [
            .. graph.Layers.Where(layer => layer.Kind != LayerKind.Block).Zip(work)
                .Where(pair => pair.First.Product is not null)
                .Select(pair => (pair.Second, Trace(pair.First.Product!, values))),
        ];
    }

    // Images arrive as NHWC bytes, so that images and convolutions are channels last; matrix products write contiguous memory. Views and sums
    // are computed on the meta device, on which other operations have no kernel.
    private static torch.Tensor Layout(Node node, torch.Tensor[] inputs)
    {
        long[] shape = [.. node.Shape];
        return node.Operation switch
        {
            Operation.Input or Operation.Convolution => ChannelsLast(shape),
            Operation.BatchNorm or Operation.GroupNorm or Operation.LayerNorm => torch.empty_like(inputs[0]),
            Operation.Elementwise or Operation.LeakyRelu or Operation.Clamp => inputs[0],
            Operation.Reshape or Operation.Permute or Operation.Unsqueeze or Operation.Squeeze or Operation.Select or Operation.Narrow
                or Operation.SplitPart or Operation.Expand or Operation.Binary or Operation.BinaryWithNumber or Operation.AddProduct
                or Operation.AddScaled or Operation.Concatenate or Operation.MaxPool2d or Operation.AveragePool2d => node.Operation.Run(inputs),
            _ => Empty(shape),
        };
    }

    private static TracedOperation Trace(Node node, torch.Tensor[] values)
    {
        var inputs = node.Inputs.Select(input => values[input.Index]).ToArray();
        var outChannels = node.Operation is Operation.Convolution or Operation.ConvolutionPerImage ? node.Shape[1] : node.Shape[^1];
        var layouts = inputs.Select(TensorLayout.From).ToArray();
        return node.Operation switch
        {
            // Weights are in channels-last memory, the layout of FlatModel.
            Operation.Convolution conv => new()
            {
                Kind = LayerKind.Convolution,
                Operands = [layouts[0], TensorLayout.ChannelsLast(node.Inputs[1].Shape)],
                Bias = inputs.Length > 2 ? TensorLayout.Dense(outChannels) : null,
                Geometry = conv.Geometry,
            },
            Operation.ConvolutionPerImage conv => new()
            {
                Kind = LayerKind.Convolution,
                Operands = [layouts[0], TensorLayout.ChannelsLast(outChannels, inputs[0].shape[1] / conv.Geometry.Groups, conv.Kernel, conv.Kernel)],
                Geometry = conv.Geometry,
            },
            Operation.Attention => new()
            {
                Kind = LayerKind.Attention,
                Operands = [.. layouts[..3]],
                Bias = inputs.Length > 3 ? TensorLayout.Dense(1, inputs[0].shape[1], inputs[0].shape[2], inputs[1].shape[2]) : null,
            },
            _ => new()
            {
                Kind = LayerKind.Linear,
                Operands = [layouts[0], TensorLayout.Dense(outChannels, inputs[0].shape[^1])],
                Bias = inputs.Length > 2 ? TensorLayout.Dense(outChannels) : null,
            },
        };
    }

    private static torch.Tensor Empty(long[] shape) => torch.empty(shape, device: Meta);

    private static torch.Tensor ChannelsLast(long[] shape) => torch.empty([shape[0], shape[2], shape[3], shape[1]], device: Meta).permute(0, 3, 1, 2);

    private static torch.Device Meta => new(DeviceType.META);
}
