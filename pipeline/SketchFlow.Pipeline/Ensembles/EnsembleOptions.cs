using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Settings of an ensemble.</summary>
public sealed record EnsembleOptions
{
    /// <summary>Objective of the search.</summary>
    public Objective Objective { get; init; } = Objective.Accuracy;

    /// <summary>Method of choosing members; all searches score the mean of probabilities.</summary>
    public EnsembleMethod Method { get; init; } = EnsembleMethod.Auto;

    /// <summary>Rule that combines the chosen members.</summary>
    public CombineRule Combine { get; init; } = CombineRule.Soft;

    /// <summary>Source of their weights.</summary>
    public EnsembleWeights Weights { get; init; } = EnsembleWeights.Searched;

    /// <summary>Whether each member's temperature is fitted on validation first.</summary>
    public bool Calibrate { get; init; } = true;

    /// <summary>Whether the other ways of combining are measured as well, as far as <see cref="Seconds"/> allows.</summary>
    public bool Compare { get; init; } = true;

    /// <summary>Budget of the search, and again of the comparison, in seconds on two cores of 2024.</summary>
    /// <remarks>Costs are estimated from the numbers of models, rows and classes, not from the clock, so that a busy machine finds the same ensemble.</remarks>
    public double Seconds { get; init; } = 20;

    /// <summary>Bytes of logits kept in memory, by default half of the available memory; the rest is in scratch files. The results are the same.</summary>
    public long Memory { get; init; } = ScratchArena.HalfOfMemory;
}
