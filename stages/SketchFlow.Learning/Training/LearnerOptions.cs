using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training.Losses;
using SketchFlow.Learning.Training.Optimizers;

namespace SketchFlow.Learning.Training;

/// <summary>Options of a <see cref="Learner"/>.</summary>
public sealed record LearnerOptions
{
    /// <summary>Loss that is minimised.</summary>
    public Loss Loss { get; init; } = new CrossEntropy();

    /// <summary>Optimiser of the parameters.</summary>
    public Optimizer Optimizer { get; init; } = new AdamW();

    /// <summary>Growth and back-off of the loss scale under float16.</summary>
    public GradScalerOptions Scaler { get; init; } = new();

    /// <summary>Number format of matrix products and convolutions.</summary>
    public ComputePrecision Precision { get; init; }

    /// <summary>Mixup and CutMix.</summary>
    public MixingOptions Mixing { get; init; } = new();

    /// <summary>
    /// Number of parts into which a batch is split; they are computed one after the other and their gradients added up. The step is that of the whole
    /// batch, in the memory of one part; only batch norms see the parts.
    /// </summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Running average of the weights.</summary>
    public EmaOptions Ema { get; init; } = new();

    /// <summary>Whether to recompute activations in the backward pass instead of keeping them.</summary>
    public bool Checkpointing { get; init; }

    /// <summary>Seed of dropout, drop path and mixing.</summary>
    public long Seed { get; init; }
}
