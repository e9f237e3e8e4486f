namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Settings of greedy selection.</summary>
public sealed record GreedyOptions
{
    /// <summary>Number of rounds, one member each; AutoGluon uses 25 to 100.</summary>
    public int Rounds { get; init; } = 50;

    /// <summary>
    /// Number of decimals by which scores are compared, so that rounding errors decide nothing (AutoGluon uses 6); null compares unrounded scores.
    /// Log-loss breaks ties.
    /// </summary>
    public int? Decimals { get; init; }

    /// <summary>Number of best single models to start from (Caruana's sorted initialisation); 0 starts empty.</summary>
    public int Start { get; init; }
}
