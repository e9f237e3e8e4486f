using System.Collections.Immutable;
using SketchFlow.Data.Machine;
using TorchSharp;

namespace SketchFlow.Learning.Models;

/// <summary>Settings of one forward pass: the weights, training or inference mode, and the source of randomness.</summary>
/// <param name="weights">Tensors in the order of <see cref="Architecture.Tensors"/>.</param>
public sealed class ForwardContext(IReadOnlyList<torch.Tensor> weights)
{
    /// <summary>Tensor in a slot.</summary>
    public torch.Tensor this[TensorSlot slot] => weights[slot.Index];

    /// <summary>Tensor in a slot, or null if the layer does not have this tensor.</summary>
    public torch.Tensor? this[TensorSlot? slot] => slot is { } s ? weights[s.Index] : null;

    /// <summary>An arbitrary weight, which gives the device and type for constants.</summary>
    internal torch.Tensor AnyWeight => weights[0];

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

    /// <summary>Counter of the work if the pass runs over tensors without memory; null in an ordinary pass.</summary>
    public IWorkCounter? Counter { get; init; }

    /// <summary>Whether this pass recomputes a block for its gradient, so that running statistics must not be updated a second time.</summary>
    public bool Recomputing { get; private init; }

    /// <summary>Creates the context that recomputes a block in the backward pass, with the same weights and the same random choices.</summary>
    internal ForwardContext ForRecomputation() =>
        new(weights) { Training = Training, Random = Random, Frozen = Frozen, BatchNormMomentum = BatchNormMomentum, Recomputing = true };
}
