using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights.Safetensors;
using TorchSharp;

namespace SketchFlow.Learning.Weights;

/// <summary>
/// The tensors of a model in four flat buffers: parameters, gradients, running statistics and counters. Each tensor is a
/// strided view, so a whole optimiser step, unscaling, clipping or averaging is a handful of operations over one buffer.
/// </summary>
/// <remarks>
/// Parameters that weight decay applies to come first. Every view starts on a 64-byte boundary; the gaps hold zeros, and zero
/// gradients keep them so. Convolution weights lie channels last in memory (out, kH, kW, in), under timm's shape (out, in, kH, kW).
/// Gradients accumulate into their views in place, so set them to zero before each step.
/// </remarks>
public sealed class FlatModel : IDisposable
{
    private const int Alignment = BufferParallel.Alignment;

    private readonly torch.Tensor[] _weights;
    private readonly IDisposable? _freed;

    private FlatModel(Architecture architecture, torch.Device device, bool channelsLast, bool learns)
    {
        (Architecture, Device, ChannelsLast) = (architecture, device, channelsLast);
        var places = Place(architecture.Tensors, out var decaying, out var parameters, out var statistics, out var counters);
        (Decaying, Places) = (decaying, places);
        using var keep = torch.NewDisposeScope();
        Parameters = torch.zeros(parameters, torch.float32, device).DetachFromDisposeScope();
        Gradients = learns ? torch.zeros(parameters, torch.float32, device).DetachFromDisposeScope() : null;
        Statistics = torch.zeros(statistics, torch.float32, device).DetachFromDisposeScope();
        Counters = torch.zeros(counters, torch.int64, device).DetachFromDisposeScope();
        _weights = new torch.Tensor[places.Length];
        for (var i = 0; i < places.Length; i++)
        {
            var spec = architecture.Tensors[i];
            var (shape, strides) = (spec.Shape.ToArray(), Strides(spec.Shape, channelsLast));
            var buffer = spec.Role switch { TensorRole.Parameter => Parameters, TensorRole.Buffer => Statistics, _ => Counters };
            // A view would drag its base along and is refused as a leaf; set_ makes a tensor of its own over the same storage.
            var weight = torch.empty(0, buffer.dtype, device).DetachFromDisposeScope();
            weight.set_(buffer.as_strided(shape, strides, places[i]));
            if (learns && spec.Role == TensorRole.Parameter)
            {
                weight.requires_grad_(true);
                weight.grad = Gradients!.as_strided(shape, strides, places[i]);
            }

            _weights[i] = weight;
        }

        // Passes through it, to learn or to answer, free tensors of the same sizes again and again.
        _freed = device.type == DeviceType.CPU ? GlibcHeap.KeepFreedMemory() : null;
    }

    /// <summary>What the tensors belong to.</summary>
    public Architecture Architecture { get; }

    /// <summary>Where the tensors live.</summary>
    public torch.Device Device { get; }

    /// <summary>True where convolution weights lie channels last.</summary>
    public bool ChannelsLast { get; }

    /// <summary>All learned scalars, float32, one dimension.</summary>
    public torch.Tensor Parameters { get; }

    /// <summary>Their gradients, place by place; null for a model that does not learn.</summary>
    public torch.Tensor? Gradients { get; }

    /// <summary>All running statistics, float32, one dimension.</summary>
    public torch.Tensor Statistics { get; }

    /// <summary>All batch counters, int64, one dimension.</summary>
    public torch.Tensor Counters { get; }

    /// <summary>The first this many scalars of <see cref="Parameters"/> are subject to weight decay.</summary>
    public long Decaying { get; }

    /// <summary>Where each tensor starts in its buffer, in the order of <see cref="Architecture.Tensors"/>.</summary>
    public ImmutableArray<long> Places { get; }

    /// <summary>Views in the order of <see cref="Architecture.Tensors"/>, for a <see cref="ForwardContext"/>.</summary>
    public IReadOnlyList<torch.Tensor> Weights => _weights;

    /// <summary>A model with the given values.</summary>
    /// <param name="architecture">The model as data.</param>
    /// <param name="values">Tensors in the order of <see cref="Architecture.Tensors"/>, of the same shapes; they stay the caller's.</param>
    /// <param name="device">Where to put it.</param>
    /// <param name="channelsLast">Lay convolution weights channels last.</param>
    /// <param name="learns">Make gradients.</param>
    public static FlatModel Create(Architecture architecture, IReadOnlyList<torch.Tensor> values, torch.Device device, bool channelsLast, bool learns)
    {
        var model = new FlatModel(architecture, device, channelsLast, learns);
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        for (var i = 0; i < values.Count; i++)
        {
            model._weights[i].copy_(values[i]);
        }

        return model;
    }

    /// <summary>A model with the given weights, which stay the caller's.</summary>
    /// <param name="architecture">The model as data.</param>
    /// <param name="weights">Its tensors.</param>
    /// <param name="device">Where to put it.</param>
    /// <param name="channelsLast">Lay convolution weights channels last.</param>
    /// <param name="learns">Make gradients.</param>
    public static FlatModel Create(Architecture architecture, ModelWeights weights, ComputeDevice device, bool channelsLast, bool learns) =>
        Create(architecture, weights.Tensors, device.Torch, channelsLast, learns);

    /// <summary>A model with the values of a file, read into place: N bytes of weights take little more than N bytes, not twice N.</summary>
    /// <param name="architecture">The model as data.</param>
    /// <param name="path">The file; see <see cref="ModelWeights.Load"/> for what is read and what is refused.</param>
    /// <param name="seed">For what is drawn afresh.</param>
    /// <param name="device">Where to put it.</param>
    /// <param name="channelsLast">Lay convolution weights channels last.</param>
    /// <param name="learns">Make gradients.</param>
    /// <param name="strict">As for <see cref="ModelWeights.Load"/>.</param>
    /// <exception cref="RefusalException">The file cannot be read or is of another model.</exception>
    public static (FlatModel Model, LoadReport Report) Load(
        Architecture architecture, string path, long seed, ComputeDevice device, bool channelsLast, bool learns, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(device);
        var model = new FlatModel(architecture, device.Torch, channelsLast, learns);
        try
        {
            return (model, ModelWeights.Read(architecture, path, seed, strict, model._weights));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>A copy that does not learn, for averages of weights and for trying others.</summary>
    public FlatModel Snapshot()
    {
        var copy = new FlatModel(Architecture, Device, ChannelsLast, learns: false);
        copy.CopyFrom(this);
        return copy;
    }

    /// <summary>Writes safetensors under timm's names, in timm's order, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">Goes into its header.</param>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsFormat.Write(path, Architecture.Tensors.Zip(_weights, (spec, tensor) => (spec.Name, tensor)), metadata);

    /// <summary>Takes over another's values; it must be of the same architecture.</summary>
    public void CopyFrom(FlatModel other)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        Parameters.copy_(other.Parameters);
        Statistics.copy_(other.Statistics);
        Counters.copy_(other.Counters);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var weight in _weights)
        {
            weight.grad = null;
            weight.Dispose();
        }

        Parameters.Dispose();
        Gradients?.Dispose();
        Statistics.Dispose();
        Counters.Dispose();
        _freed?.Dispose();
    }

    private static ImmutableArray<long> Place(
        ImmutableArray<TensorSpec> tensors, out long decaying, out long parameters, out long statistics, out long counters)
    {
        var places = new long[tensors.Length];
        long Lay(Func<TensorSpec, bool> which, long from, int alignment)
        {
            for (var i = 0; i < tensors.Length; i++)
            {
                if (which(tensors[i]))
                {
                    places[i] = from;
                    from += (tensors[i].Count + alignment - 1) / alignment * alignment;
                }
            }

            return from;
        }

        decaying = Lay(t => t is { Role: TensorRole.Parameter, Decays: true }, 0, Alignment);
        parameters = Lay(t => t is { Role: TensorRole.Parameter, Decays: false }, decaying, Alignment);
        statistics = Lay(t => t.Role == TensorRole.Buffer, 0, Alignment);
        counters = Lay(t => t.Role == TensorRole.Counter, 0, 1);
        return [.. places];
    }

    private static long[] Strides(ImmutableArray<long> shape, bool channelsLast)
    {
        if (channelsLast && shape is [_, var channels, var height, var width])
        {
            return [channels * height * width, 1, width * channels, channels];
        }

        var strides = new long[shape.Length];
        var step = 1L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= shape[i];
        }

        return strides;
    }
}
