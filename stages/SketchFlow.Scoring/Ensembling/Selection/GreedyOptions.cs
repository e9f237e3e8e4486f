namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Settings of greedy selection.</summary>
public sealed record GreedyOptions
{
    /// <summary>Members of the longest ensemble; AutoGluon takes 25 to 100.</summary>
    public int Rounds { get; init; } = 50;

    /// <summary>
    /// Decimals that scores are compared by, so that differences of rounding's size decide nothing (AutoGluon compares by 6); null compares them as they are.
    /// What is rounded alike is tied, and the log-loss decides.
    /// </summary>
    public int? Decimals { get; init; }

    /// <summary>The best models that are in from the start (Caruana's sorted initialisation); 0 starts from nothing.</summary>
    public int Start { get; init; }
}
