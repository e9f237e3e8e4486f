namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Method of choosing an ensemble's members.</summary>
public enum EnsembleMethod
{
    /// <summary>Exhaustive if the budget allows it, else greedy.</summary>
    Auto,

    /// <summary>Every subset with equal weights.</summary>
    Exhaustive,

    /// <summary>Caruana's greedy selection with replacement.</summary>
    Greedy,

    /// <summary>The mean of greedy selections in random bags of the models.</summary>
    Bagged,

    /// <summary>The best addition at each step, starting from the best single model.</summary>
    Forward,

    /// <summary>The best removal at each step, starting from all models.</summary>
    Backward,

    /// <summary>The best addition, removal or exchange at each step, starting from the best single model.</summary>
    Swap,

    /// <summary>Greedy selection followed by hill climbing over all weights.</summary>
    Climb,

    /// <summary>Every model with equal weights, without a search.</summary>
    All,
}
