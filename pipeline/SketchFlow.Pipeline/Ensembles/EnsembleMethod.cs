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
