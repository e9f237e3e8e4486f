using System.Collections.Immutable;
using SketchFlow.Data.Machine;
using SketchFlow.Learning.Models.Profiling;
using TorchSharp;

namespace SketchFlow.Learning.Models;

/// <summary>
/// One run of a model over one batch: which weights, whether it trains, and where its randomness comes from.
/// Layers are functions of (pass, input).
/// </summary>
/// <param name="weights">Tensors in the order of <see cref="Architecture.Tensors"/>.</param>
public sealed class ForwardContext(IReadOnlyList<torch.Tensor> weights)
{
    /// <summary>The tensor in a slot.</summary>
    public torch.Tensor this[TensorSlot slot] => weights[slot.Index];

    /// <summary>The tensor in a slot, or null where a layer goes without.</summary>
    public torch.Tensor? this[TensorSlot? slot] => slot is { } s ? weights[s.Index] : null;

    /// <summary>One of the weights: it is where they all are, for constants that go with them.</summary>
    internal torch.Tensor Any => weights[0];

    /// <summary>True in training: batch statistics, dropout, drop path.</summary>
    public bool Training { get; init; }

    /// <summary>Recompute blocks in the backward pass instead of keeping their activations.</summary>
    public bool Checkpointing { get; init; }

    /// <summary>Seeds dropout and drop path: every layer forks its own stream by its name.</summary>
    public KeyedRandom Chance { get; init; }

    /// <summary>For each tensor, whether it stays as it is in training, too; default where all learn.</summary>
    public ImmutableArray<bool> Frozen { get; init; }

    /// <summary>Weight of a batch in the running statistics of batch norms, in place of each layer's own; null leaves those.</summary>
    public double? Momentum { get; init; }

    /// <summary>Whether a tensor stays as it is in training, too.</summary>
    public bool IsFrozen(TensorSlot slot) => !Frozen.IsDefault && Frozen[slot.Index];

    /// <summary>Set where the pass is over shapes alone and counts the work: layers then answer with tensors that have no memory.</summary>
    public FlopCounter? Tally { get; init; }

    /// <summary>Whether this is the second run of a block, in the backward pass: what the first one counted (running statistics) is left alone.</summary>
    public bool Recomputing { get; private init; }

    /// <summary>The same pass, run again for the gradient: the same weights and the same random choices.</summary>
    internal ForwardContext Again() => new(weights) { Training = Training, Chance = Chance, Frozen = Frozen, Momentum = Momentum, Recomputing = true };
}
