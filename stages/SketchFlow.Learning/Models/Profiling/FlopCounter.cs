using TorchSharp;

namespace SketchFlow.Learning.Models.Profiling;

/// <summary>
/// The work of one image through a model, counted by running its own layers over tensors that have shapes and no memory
/// (PyTorch's meta device): it costs milliseconds and no memory, also for models of a thousand million parameters.
/// </summary>
/// <remarks>
/// Biases, activations, normalisations, pooling and sums are left out, as the field does: a multiply-add is one, so that
/// resnet50 at 224 has 4.1 thousand million of them. timm's tables count attention's own products only for models that do not use
/// the fused kernel: <see cref="WithoutAttention"/> is the figure to hold against vit_base_patch16_224's 16.87.
/// </remarks>
public sealed class FlopCounter
{
    private readonly List<LayerWork> _layers = [];

    /// <summary>The layers, in the order in which they ran.</summary>
    public IReadOnlyList<LayerWork> Layers => _layers;

    /// <summary>All multiply-adds.</summary>
    public long MultiplyAdds => _layers.Sum(layer => layer.MultiplyAdds);

    /// <summary>Multiply-adds with weights: without the products of attention.</summary>
    public long WithoutAttention => _layers.Where(layer => layer.Kind != LayerKind.Attention).Sum(layer => layer.MultiplyAdds);

    /// <summary>Counts <paramref name="architecture"/> at its input size; libtorch must be there.</summary>
    /// <param name="architecture">The model.</param>
    /// <param name="images">Images in the batch; what is counted is the batch's.</param>
    public static FlopCounter Count(Architecture architecture, int images = 1)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var tally = new FlopCounter();
        var meta = new torch.Device(DeviceType.META);
        var weights = architecture.Tensors
            .Select(spec => torch.empty([.. spec.Shape], dtype: spec.Role == TensorRole.Counter ? torch.ScalarType.Int64 : torch.ScalarType.Float32, device: meta))
            .ToArray();
        long side = architecture.InputSize;
        var image = torch.empty([images, side, side, 3], device: meta).permute(0, 3, 1, 2);
        architecture.Forward(new ForwardContext(weights) { Tally = tally }, image);
        return tally;
    }

    /// <summary>A layer ran and answered with <paramref name="output"/>, which is given back.</summary>
    internal torch.Tensor Add(string name, LayerKind kind, torch.Tensor output, long multiplyAdds = 0, TracedOperation? operation = null)
    {
        _layers.Add(new(name, kind, [.. output.shape], multiplyAdds) { Operation = operation });
        return output;
    }

    /// <summary>A convolution: no kernel for it exists on the meta device.</summary>
    internal torch.Tensor Convolve(string name, torch.Tensor x, torch.Tensor weight, long[] strides, long[] paddings, bool bias = false)
    {
        var (height, width) = (Side(0), Side(1));
        using var last = torch.empty([x.shape[0], height, width, weight.shape[0]], dtype: x.dtype, device: x.device);
        var output = last.permute(0, 3, 1, 2);
        return Add(name, LayerKind.Convolution, output, output.numel() * weight.numel() / weight.shape[0], Convolution(x, weight.shape, strides, paddings, bias));

        long Side(int axis) => ((x.shape[2 + axis] + (2 * paddings[axis]) - weight.shape[2 + axis]) / strides[axis]) + 1;
    }

    /// <summary>A product with a matrix of <paramref name="outFeatures"/> rows over the last dimension.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="x">(…, in).</param>
    /// <param name="outFeatures">Rows of the matrix.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="asConvolution">Whether it runs as a 1 × 1 convolution over (N, H, W, in).</param>
    internal torch.Tensor Multiply(string name, torch.Tensor x, long outFeatures, bool bias = true, bool asConvolution = false)
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

    /// <summary>Attention's two products, over (N, heads, tokens, width of a head).</summary>
    internal torch.Tensor Attend(string name, torch.Tensor query, torch.Tensor key, torch.Tensor value, bool bias)
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

    /// <summary>A normalisation keeps the shape.</summary>
    internal torch.Tensor Normalize(string name, torch.Tensor x) => Add(name, LayerKind.Normalization, torch.empty_like(x));

    // Weights lie channels last, as FlatModel lays them.
    private static TracedOperation Convolution(torch.Tensor x, long[] weight, long[] strides, long[] paddings, bool bias) => new()
    {
        Kind = LayerKind.Convolution,
        Operands = [TensorLayout.From(x), TensorLayout.ChannelsLast([.. weight])],
        Bias = bias ? TensorLayout.Dense(weight[0]) : null,
        Convolving = new ConvolutionGeometry(strides[0], strides[1], paddings[0], paddings[1], x.shape[1] / weight[1]),
    };
}
