using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training.Losses;
using SketchFlow.Learning.Training.Optimizers;

namespace SketchFlow.Learning.Training;

/// <summary>How a learner computes.</summary>
public sealed record LearnerOptions
{
    /// <summary>What it minimises.</summary>
    public LossOptions Loss { get; init; } = new();

    /// <summary>How parameters move.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>How the loss scale moves under float16.</summary>
    public GradScalerOptions Scaler { get; init; } = new();

    /// <summary>What products are computed in.</summary>
    public ComputePrecision Precision { get; init; }

    /// <summary>Mixup and CutMix.</summary>
    public MixingOptions Mixing { get; init; } = new();

    /// <summary>Parts that a batch is cut into, one after the other, their gradients added up: the memory of a part, and the step of the whole but for batch norms, which see the parts.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>The running average of the weights.</summary>
    public EmaOptions Ema { get; init; } = new();

    /// <summary>Recompute activations in the backward pass.</summary>
    public bool Checkpointing { get; init; }

    /// <summary>Seeds dropout and drop path.</summary>
    public long Seed { get; init; }
}
