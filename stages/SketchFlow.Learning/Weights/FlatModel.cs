using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights.Safetensors;
using TorchSharp;

namespace SketchFlow.Learning.Weights;

/// <summary>
/// The tensors of a model in four flat buffers: parameters, gradients, running statistics and counters. Each tensor is a strided view, so an
/// optimiser step, unscaling, clipping or averaging of the whole model needs only a few operations on one buffer.
/// </summary>
/// <remarks>
/// Parameters with weight decay are stored first. Every view starts on a 64-byte boundary; the gaps contain zeros, which zero gradients preserve.
/// With the channels-last layout, convolution weights are stored as (out, kH, kW, in) and have timm's shape (out, in, kH, kW). Gradients
/// accumulate in place, so they must be set to zero before each step.
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

            // A view would reference its base and could not be a leaf of autograd; set_ creates an independent tensor with the buffer's storage.
            var weight = torch.empty(0, buffer.dtype, device).DetachFromDisposeScope();
            weight.set_(buffer.as_strided(shape, strides, places[i]));
            if (learns && spec.Role == TensorRole.Parameter)
            {
                weight.requires_grad_(true);
                weight.grad = Gradients!.as_strided(shape, strides, places[i]);
            }

            _weights[i] = weight;
        }

        // Forward and backward passes repeatedly free tensors of equal sizes.
        _freed = device.type == DeviceType.CPU ? GlibcHeap.KeepFreedMemory() : null;
    }

    /// <summary>The architecture of the model.</summary>
    public Architecture Architecture { get; }

    /// <summary>Device of the tensors.</summary>
    public torch.Device Device { get; }

    /// <summary>Whether convolution weights have the channels-last layout.</summary>
    public bool ChannelsLast { get; }

    /// <summary>All trainable scalars, float32, in one dimension.</summary>
    public torch.Tensor Parameters { get; }

    /// <summary>The gradients at the positions of the parameters; null for a model without gradients.</summary>
    public torch.Tensor? Gradients { get; }

    /// <summary>All running statistics, float32, in one dimension.</summary>
    public torch.Tensor Statistics { get; }

    /// <summary>Returns whether all parameters and running statistics are finite.</summary>
    public bool IsFinite()
    {
        using var scope = torch.NewDisposeScope();
        return Parameters.isfinite().all().IsTrue() && Statistics.isfinite().all().IsTrue();
    }

    /// <summary>All batch counters, int64, in one dimension.</summary>
    public torch.Tensor Counters { get; }

    /// <summary>Number of scalars at the start of <see cref="Parameters"/> that are subject to weight decay.</summary>
    public long Decaying { get; }

    /// <summary>Start of each tensor in its buffer, in the order of <see cref="Architecture.Tensors"/>.</summary>
    public ImmutableArray<long> Places { get; }

    /// <summary>Views in the order of <see cref="Architecture.Tensors"/>, for a <see cref="ForwardContext"/>.</summary>
    public IReadOnlyList<torch.Tensor> Weights => _weights;

    /// <summary>Creates a model with copies of the given values.</summary>
    /// <param name="architecture">The architecture of the model.</param>
    /// <param name="values">Tensors in the order of <see cref="Architecture.Tensors"/> with equal shapes; the caller keeps ownership.</param>
    /// <param name="device">Device of the tensors.</param>
    /// <param name="channelsLast">Whether convolution weights have the channels-last layout.</param>
    /// <param name="learns">Whether the model has gradients.</param>
    public static FlatModel Create(Architecture architecture, IReadOnlyList<torch.Tensor> values, torch.Device device, bool channelsLast, bool learns)
    {
        var model = new FlatModel(architecture, device, channelsLast, learns);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        for (var i = 0; i < values.Count; i++)
        {
            model._weights[i].copy_(values[i]);
        }

        return model;
    }

    /// <summary>Creates a model with copies of the given weights; the caller keeps ownership of them.</summary>
    /// <param name="architecture">The architecture of the model.</param>
    /// <param name="weights">Initial values of the tensors.</param>
    /// <param name="device">Device of the tensors.</param>
    /// <param name="channelsLast">Whether convolution weights have the channels-last layout.</param>
    /// <param name="learns">Whether the model has gradients.</param>
    public static FlatModel Create(Architecture architecture, ModelWeights weights, ComputeDevice device, bool channelsLast, bool learns) =>
        Create(architecture, weights.Tensors, device.Torch, channelsLast, learns);

    /// <summary>Loads a model from a file directly into its buffers, so that N bytes of weights need slightly more than N bytes of memory, not 2 N.</summary>
    /// <param name="architecture">The architecture of the model.</param>
    /// <param name="path">Path of the file; <see cref="ModelWeights.Load"/> documents the formats and the checks.</param>
    /// <param name="seed">Random seed of re-initialised tensors.</param>
    /// <param name="device">Device of the tensors.</param>
    /// <param name="channelsLast">Whether convolution weights have the channels-last layout.</param>
    /// <param name="learns">Whether the model has gradients.</param>
    /// <param name="strict">Whether mismatches are refused, see <see cref="ModelWeights.Load"/>.</param>
    /// <exception cref="RefusalException">The file cannot be read or does not match the model.</exception>
    // Seven parameters: those of ModelWeights.Read and of Create together; a record for one caller would only move them.
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

    /// <summary>Creates a copy without gradients, for weight averages and experiments with other weights.</summary>
    public FlatModel Snapshot()
    {
        var copy = new FlatModel(Architecture, Device, ChannelsLast, learns: false);
        copy.CopyFrom(this);
        return copy;
    }

    /// <summary>Writes the tensors atomically as safetensors, with timm's names in timm's order.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="metadata">Key-value pairs of the header.</param>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsFormat.Write(path, Architecture.Tensors.Zip(_weights, (spec, tensor) => (spec.Name, tensor)), metadata);

    /// <summary>Renumbers the classes: reorders the rows of the classifier's tensors.</summary>
    /// <param name="sources">For each new class number, the present one.</param>
    public void ReorderClasses(IReadOnlyList<int> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var index = torch.tensor([.. sources.Select(s => (long)s)], device: Device);
        for (var i = 0; i < _weights.Length; i++)
        {
            if (Architecture.BelongsToClassifier(Architecture.Tensors[i].Name))
            {
                _weights[i].copy_(_weights[i].index_select(0, index));
            }
        }
    }

    /// <summary>Copies the values of another model with an equal architecture.</summary>
    public void CopyFrom(FlatModel other)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
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
        long Assign(Func<TensorSpec, bool> selects, long from, int alignment)
        {
            for (var i = 0; i < tensors.Length; i++)
            {
                if (selects(tensors[i]))
                {
                    places[i] = from;
                    from += (tensors[i].Count + alignment - 1) / alignment * alignment;
                }
            }

            return from;
        }

        decaying = Assign(t => t is { Role: TensorRole.Parameter, Decays: true }, 0, Alignment);
        parameters = Assign(t => t is { Role: TensorRole.Parameter, Decays: false }, decaying, Alignment);
        statistics = Assign(t => t.Role == TensorRole.Buffer, 0, Alignment);
        counters = Assign(t => t.Role == TensorRole.Counter, 0, 1);
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
