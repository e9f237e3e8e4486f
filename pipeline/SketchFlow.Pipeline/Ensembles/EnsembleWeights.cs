namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Source of the chosen members' weights.</summary>
public enum EnsembleWeights
{
    /// <summary>The search: equal weights, or the number of times that greedy selection took each model.</summary>
    Searched,

    /// <summary>The weights on the simplex that minimise log-loss.</summary>
    LogLoss,

    /// <summary>Non-negative least squares.</summary>
    LeastSquares,
}
