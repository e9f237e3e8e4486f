namespace SketchFlow.Pipeline.Training.Soup;

/// <summary>The options of a soup.</summary>
public sealed record SoupOptions
{
    /// <summary>Method by which the ingredients are selected.</summary>
    public SoupKind Kind { get; init; } = SoupKind.Greedy;

    /// <summary>Treatment of batch-norm statistics; without effect for networks that have no batch norms.</summary>
    public SoupStatistics Statistics { get; init; } = SoupStatistics.Recalibrate;

    /// <summary>Number of training batches over which statistics are recomputed; each mean that is tried costs this many forward passes.</summary>
    public int Batches { get; init; } = 32;

    /// <summary>Whether to use only the best weights of each run, even if it has kept checkpoints.</summary>
    public bool BestOnly { get; init; }
}
