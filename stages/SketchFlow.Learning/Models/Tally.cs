using System.Collections.Immutable;
using TorchSharp;

namespace SketchFlow.Learning.Models;

/// <summary>What a layer computes with weights or between tokens.</summary>
public enum LayerKind
{
    /// <summary>A convolution.</summary>
    Convolution,

    /// <summary>A matrix product with a weight.</summary>
    Linear,

    /// <summary>The two products of attention, queries with keys and the weights with values: no weights of their own.</summary>
    Attention,

    /// <summary>A normalisation; its few operations an element are not counted.</summary>
    Normalization,
}

/// <summary>One layer as a pass over one image meets it.</summary>
/// <param name="Name">Dotted name, as the tensors have it.</param>
/// <param name="Kind">What it computes.</param>
/// <param name="Output">Shape of its answer, for one image.</param>
/// <param name="MultiplyAdds">Multiplications with the addition that follows; 0 for normalisations.</param>
public sealed record LayerWork(string Name, LayerKind Kind, ImmutableArray<long> Output, long MultiplyAdds);

/// <summary>
/// The work of one image through a model, counted by running its own layers over tensors that have shapes and no memory
/// (PyTorch's meta device): it costs milliseconds and no memory, also for models of a thousand million parameters.
/// </summary>
/// <remarks>
/// Biases, activations, normalisations, pooling and sums are left out, as the field does: a multiply-add is one, so that
/// resnet50 at 224 has 4.1 thousand million of them. timm's tables count attention's own products only for models that do not use
/// the fused kernel: <see cref="WithoutAttention"/> is the figure to hold against vit_base_patch16_224's 16.87.
/// </remarks>
public sealed class Tally
{
    private readonly List<LayerWork> _layers = [];

    /// <summary>The layers, in the order in which they ran.</summary>
    public IReadOnlyList<LayerWork> Layers => _layers;

    /// <summary>All multiply-adds.</summary>
    public long MultiplyAdds => _layers.Sum(layer => layer.MultiplyAdds);

    /// <summary>Multiply-adds with weights: without the products of attention.</summary>
    public long WithoutAttention => _layers.Where(layer => layer.Kind != LayerKind.Attention).Sum(layer => layer.MultiplyAdds);

    /// <summary>Counts <paramref name="architecture"/> at its input size; libtorch must be there.</summary>
    public static Tally Of(Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var tally = new Tally();
        var meta = new torch.Device(DeviceType.META);
        var weights = architecture.Tensors
            .Select(spec => torch.empty([.. spec.Shape], dtype: spec.Role == TensorRole.Counter ? torch.ScalarType.Int64 : torch.ScalarType.Float32, device: meta))
            .ToArray();
        long side = architecture.InputSize;
        var image = torch.empty([1, side, side, 3], device: meta).permute(0, 3, 1, 2);
        architecture.Forward(new Pass(weights) { Tally = tally }, image);
        return tally;
    }

    /// <summary>A layer ran and answered with <paramref name="output"/>, which is given back.</summary>
    internal torch.Tensor Add(string name, LayerKind kind, torch.Tensor output, long multiplyAdds = 0)
    {
        _layers.Add(new(name, kind, [.. output.shape], multiplyAdds));
        return output;
    }

    /// <summary>A convolution: no kernel for it exists on the meta device.</summary>
    internal torch.Tensor Convolve(string name, torch.Tensor x, torch.Tensor weight, long[] strides, long[] paddings)
    {
        var (height, width) = (Side(0), Side(1));
        using var last = torch.empty([x.shape[0], height, width, weight.shape[0]], dtype: x.dtype, device: x.device);
        var output = last.permute(0, 3, 1, 2);
        return Add(name, LayerKind.Convolution, output, output.numel() * weight.numel() / weight.shape[0]);

        long Side(int axis) => ((x.shape[2 + axis] + (2 * paddings[axis]) - weight.shape[2 + axis]) / strides[axis]) + 1;
    }

    /// <summary>A product with a matrix of <paramref name="outFeatures"/> rows over the last dimension.</summary>
    internal torch.Tensor Multiply(string name, torch.Tensor x, long outFeatures) =>
        Add(name, LayerKind.Linear, torch.empty([.. x.shape[..^1], outFeatures], dtype: x.dtype, device: x.device), x.numel() * outFeatures);

    /// <summary>A normalisation keeps the shape.</summary>
    internal torch.Tensor Normalize(string name, torch.Tensor x) => Add(name, LayerKind.Normalization, torch.empty_like(x));
}
