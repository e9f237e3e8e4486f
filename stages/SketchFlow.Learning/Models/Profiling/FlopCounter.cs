using TorchSharp;

namespace SketchFlow.Learning.Models.Profiling;

/// <summary>
/// Counts the multiply-adds of a model by running its layers over tensors that have shapes but no memory (PyTorch's meta device). This
/// takes milliseconds and no memory even for models of a billion parameters.
/// </summary>
/// <remarks>
/// Following common practice, biases, activations, normalisations, pooling and sums are not counted, and a multiply-add counts as one
/// operation: resnet50 at 224 has 4.1 billion. timm's tables include the matrix products of attention only for models that do not use the
/// fused kernel; compare <see cref="MultiplyAddsWithoutAttention"/> with its 16.87 billion for vit_base_patch16_224.
/// </remarks>
public sealed class FlopCounter : IWorkCounter
{
    private readonly List<LayerWork> _layers = [];

    /// <summary>Layers in the order of execution.</summary>
    public IReadOnlyList<LayerWork> Layers => _layers;

    /// <summary>Number of multiply-adds.</summary>
    public long MultiplyAdds => _layers.Sum(layer => layer.MultiplyAdds);

    /// <summary>Number of multiply-adds with weights, that is, without the matrix products of attention.</summary>
    public long MultiplyAddsWithoutAttention => _layers.Where(layer => layer.Kind != LayerKind.Attention).Sum(layer => layer.MultiplyAdds);

    /// <summary>Counts the work of an architecture at its input size; requires libtorch.</summary>
    /// <param name="architecture">Architecture to count.</param>
    /// <param name="images">Number of images in the batch; the result is for the whole batch.</param>
    public static FlopCounter Count(Architecture architecture, int images = 1)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var counter = new FlopCounter();
        var meta = new torch.Device(DeviceType.META);
        var weights = architecture.Tensors
            .Select(spec => torch.empty(
                [.. spec.Shape], dtype: spec.Role == TensorRole.Counter ? torch.ScalarType.Int64 : torch.ScalarType.Float32, device: meta))
            .ToArray();
        long side = architecture.InputSize;
        var image = torch.empty([images, side, side, 3], device: meta).permute(0, 3, 1, 2);
        architecture.Forward(new ForwardContext(weights) { Counter = counter }, image);
        return counter;
    }

    private torch.Tensor Add(string name, LayerKind kind, torch.Tensor output, long multiplyAdds = 0, TracedOperation? operation = null)
    {
        _layers.Add(new(name, kind, [.. output.shape], multiplyAdds) { Operation = operation });
        return output;
    }

    /// <inheritdoc/>
    public torch.Tensor Convolve(string name, torch.Tensor x, torch.Tensor weight, long[] strides, long[] paddings, bool bias = false)
    {
        var (height, width) = (Side(0), Side(1));
        using var last = torch.empty([x.shape[0], height, width, weight.shape[0]], dtype: x.dtype, device: x.device);
        var output = last.permute(0, 3, 1, 2);
        var multiplyAdds = output.numel() * weight.numel() / weight.shape[0];
        return Add(name, LayerKind.Convolution, output, multiplyAdds, Convolution(x, weight.shape, strides, paddings, bias));

        long Side(int axis) => ((x.shape[2 + axis] + (2 * paddings[axis]) - weight.shape[2 + axis]) / strides[axis]) + 1;
    }

    /// <inheritdoc/>
    public torch.Tensor Multiply(string name, torch.Tensor x, long outFeatures, bool bias = true, bool asConvolution = false)
    {
        var output = torch.empty([.. x.shape[..^1], outFeatures], dtype: x.dtype, device: x.device);
        var inFeatures = x.shape[^1];
        if (!asConvolution)
        {
            var product = new TracedOperation
            {
                Kind = LayerKind.Linear,
                Operands = [TensorLayout.From(x), TensorLayout.Dense(outFeatures, inFeatures)],
                Bias = bias ? TensorLayout.Dense(outFeatures) : null,
            };
            return Add(name, LayerKind.Linear, output, x.numel() * outFeatures, product);
        }

        using var front = x.permute(0, 3, 1, 2);
        return Add(name, LayerKind.Linear, output, x.numel() * outFeatures, Convolution(front, [outFeatures, inFeatures, 1, 1], [1, 1], [0, 0], bias));
    }

    /// <inheritdoc/>
    public torch.Tensor Attend(string name, torch.Tensor query, torch.Tensor key, torch.Tensor value, bool bias)
    {
        var operation = new TracedOperation
        {
            Kind = LayerKind.Attention,
            Operands = [TensorLayout.From(query), TensorLayout.From(key), TensorLayout.From(value)],
            Bias = bias ? TensorLayout.Dense(1, query.shape[1], query.shape[2], key.shape[2]) : null,
        };
        var mixed = torch.empty([.. query.shape[..^1], value.shape[^1]], dtype: query.dtype, device: query.device);
        return Add(name, LayerKind.Attention, mixed, (query.numel() + mixed.numel()) * key.shape[2], operation);
    }

    /// <inheritdoc/>
    public torch.Tensor Normalize(string name, torch.Tensor x) => Add(name, LayerKind.Normalization, torch.empty_like(x));

    // Weights are in channels-last memory, the layout of FlatModel.
    private static TracedOperation Convolution(torch.Tensor x, long[] weight, long[] strides, long[] paddings, bool bias) => new()
    {
        Kind = LayerKind.Convolution,
        Operands = [TensorLayout.From(x), TensorLayout.ChannelsLast([.. weight])],
        Bias = bias ? TensorLayout.Dense(weight[0]) : null,
        Geometry = new ConvolutionGeometry(strides[0], strides[1], paddings[0], paddings[1], x.shape[1] / weight[1]),
    };
}
