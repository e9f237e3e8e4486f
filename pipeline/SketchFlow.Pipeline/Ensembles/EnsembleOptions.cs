using SketchFlow.Scoring;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>How an ensemble's members are chosen.</summary>
public enum EnsembleMethod
{
    /// <summary>Exhaustive where the budget allows, else greedy.</summary>
    Auto,

    /// <summary>Every subset with equal weights.</summary>
    Exhaustive,

    /// <summary>Caruana's greedy selection with replacement.</summary>
    Greedy,

    /// <summary>The mean of greedy selections in random bags of the models.</summary>
    Bagged,

    /// <summary>From the best single model, the best addition at a time.</summary>
    Forward,

    /// <summary>From all models, the best removal at a time.</summary>
    Backward,

    /// <summary>From the best single model, the best change at a time: add, remove or swap one.</summary>
    Swap,

    /// <summary>Greedy selection, and from its weights hill climbing over all weights.</summary>
    Climb,

    /// <summary>Every model with equal weights; nothing is searched.</summary>
    All,
}

/// <summary>Where the weights of the chosen members come from.</summary>
public enum EnsembleWeights
{
    /// <summary>As the search gives them: equal, or how often greedy selection took each.</summary>
    Searched,

    /// <summary>Least log-loss on the simplex.</summary>
    LogLoss,

    /// <summary>Non-negative least squares.</summary>
    LeastSquares,
}

/// <summary>Settings of an ensemble.</summary>
public sealed record EnsembleOptions
{
    /// <summary>What is searched for.</summary>
    public Aim Aim { get; init; } = Aim.Accuracy;

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
    public long Memory { get; init; } = Room.HalfOfMemory;
}
