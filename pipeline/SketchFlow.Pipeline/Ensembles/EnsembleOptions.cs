using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Settings of an ensemble.</summary>
public sealed record EnsembleOptions
{
    /// <summary>What is searched for.</summary>
    public Objective Objective { get; init; } = Objective.Accuracy;

    /// <summary>How members are chosen; searches score soft votes.</summary>
    public EnsembleMethod Method { get; init; } = EnsembleMethod.Auto;

    /// <summary>How the chosen members become one vote.</summary>
    public CombineRule Combine { get; init; } = CombineRule.Soft;

    /// <summary>Where their weights come from.</summary>
    public EnsembleWeights Weights { get; init; } = EnsembleWeights.Searched;

    /// <summary>Whether each member's temperature is fitted on validation first.</summary>
    public bool Calibrate { get; init; } = true;

    /// <summary>Whether the other ways of combining are measured beside it, as far as <see cref="Seconds"/> allows.</summary>
    public bool Compare { get; init; } = true;

    /// <summary>
    /// What a search, and after it the comparison, may each cost, in seconds of two cores of 2024. It is reckoned from the numbers of models, rows and classes and not
    /// from the clock, so that a busy machine finds the same ensemble.
    /// </summary>
    public double Seconds { get; init; } = 20;

    /// <summary>Bytes of logits held in memory; what is beyond lies in scratch files under artifacts, with the same results. By default half of the memory.</summary>
    public long Memory { get; init; } = ScratchArena.HalfOfMemory;
}
