namespace SketchFlow.Pipeline.Ensembles;

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
