using System.Collections.Immutable;
using SketchFlow.Data.Machine;
using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models;

/// <summary>Settings of one forward pass: the weights, training or inference mode, and the source of randomness.</summary>
public sealed class ForwardContext
{
    private readonly IReadOnlyList<torch.Tensor>? _tensors;
    private readonly IReadOnlyList<Value> _values;
    private TokenLayout? _tokens;

    /// <summary>Creates the context of a pass that computes tensors.</summary>
    /// <param name="weights">Tensors in the order of <see cref="Architecture.Tensors"/>.</param>
    public ForwardContext(IReadOnlyList<torch.Tensor> weights) => (_tensors, _values) = (weights, []);

    private ForwardContext(IReadOnlyList<torch.Tensor>? tensors, IReadOnlyList<Value> values) => (_tensors, _values) = (tensors, values);

    /// <summary>Weight in a slot.</summary>
    public Value this[TensorSlot slot] => _tensors is { } tensors ? new(tensors[slot.Index]) : _values[slot.Index];

    /// <summary>Weight in a slot, or null if the layer does not have this tensor.</summary>
    public Value? this[TensorSlot? slot] => slot is { } s ? this[s] : null;

    /// <summary>An arbitrary weight, which gives the device and type for constants.</summary>
    internal Value AnyWeight => this[new TensorSlot(0)];

    /// <summary>Whether the model is in training mode: batch statistics, dropout, drop path.</summary>
    public bool Training { get; init; }

    /// <summary>Whether blocks are recomputed in the backward pass instead of keeping their activations.</summary>
    public bool Checkpointing { get; init; }

    /// <summary>Random stream of dropout and drop path; every layer forks its own stream by its name.</summary>
    public KeyedRandom Random { get; init; }

    /// <summary>Whether each tensor is frozen, in the order of the weights; default if all tensors are trained.</summary>
    public ImmutableArray<bool> Frozen { get; init; }

    /// <summary>Momentum of the running statistics of all batch normalisations; null keeps each layer's own.</summary>
    public double? BatchNormMomentum { get; init; }

    /// <summary>Returns whether a tensor is frozen.</summary>
    public bool IsFrozen(TensorSlot slot) => !Frozen.IsDefault && Frozen[slot.Index];

    /// <summary>
    /// Receives the name and the output of each named layer while tensors are computed; null receives nothing. The tensor is part of the
    /// forward pass, so that its gradient can be computed, and belongs to the receiver, who disposes it.
    /// </summary>
    public Action<string, torch.Tensor>? Tap { get; init; }

    /// <summary>
    /// Receives the name and the probabilities (N, heads, queries, keys) of each attention while tensors are computed, where N counts windows too;
    /// null receives nothing. The tensor is part of the forward pass, so that its gradient can be computed, and belongs to the receiver, who
    /// disposes it.
    /// </summary>
    /// <remarks>
    /// PyTorch's fused kernel never holds all probabilities. With a tap, attention is computed as a softmax and two matrix products, which needs
    /// more time and memory and gives the same logits within rounding; without one, nothing changes. Probabilities of a block that
    /// <see cref="Checkpointing"/> recomputes have no gradient.
    /// </remarks>
    public Action<string, torch.Tensor>? AttentionTap { get; init; }

    /// <summary>Whether this pass recomputes a block for its gradient, so that running statistics must not be updated a second time.</summary>
    public bool Recomputing { get; private init; }

    /// <summary>Creates the context of a pass that is recorded, in inference mode.</summary>
    internal static ForwardContext ForRecording(IReadOnlyList<Value> weights) => new(null, weights);

    /// <summary>Creates the context that recomputes a block in the backward pass, with the same weights and the same random choices.</summary>
    internal ForwardContext ForRecomputation() =>
        new(_tensors, _values) { Training = Training, Random = Random, Frozen = Frozen, BatchNormMomentum = BatchNormMomentum, Recomputing = true };

    /// <summary>Returns the context for layers whose attention has these keys. Only a recording keeps them.</summary>
    /// <param name="tokens">Places of the keys.</param>
    internal ForwardContext Over(TokenLayout tokens)
    {
        if (_tensors is not null)
        {
            return this;
        }

        var context = (ForwardContext)MemberwiseClone();
        context._tokens = tokens;
        return context;
    }

    /// <summary>Reports the probabilities of an attention to its tap, if there is one, and returns those with which the pass continues.</summary>
    /// <param name="name">Name of the layer.</param>
    /// <param name="probabilities">Probabilities (N, heads, queries, keys).</param>
    internal Value Attended(string name, Value probabilities)
    {
        if (AttentionTap is not { } tap || probabilities.IsRecorded)
        {
            return probabilities;
        }

        // A second tensor over the same memory, which the layer may dispose.
        var alias = probabilities.Tensor.alias();
        tap(name, probabilities.Tensor.DetachFromDisposeScope());
        return new(alias);
    }

    /// <summary>Reports the output of a named layer to the recording or the tap, and returns it.</summary>
    internal Value Named(string name, LayerKind kind, Value output)
    {
        output.Node?.Builder.AddLayer(name, kind, output, _tokens);
        if (Tap is not { } tap || output.IsRecorded)
        {
            return output;
        }

        // The pass continues with a copy, which later layers may overwrite and dispose.
        var copy = output.Tensor.clone();
        tap(name, output.Tensor.DetachFromDisposeScope());
        return new(copy);
    }
}
