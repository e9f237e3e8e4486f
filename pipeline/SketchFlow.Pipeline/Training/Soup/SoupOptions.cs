namespace SketchFlow.Pipeline.Training.Soup;

/// <summary>How a soup is made.</summary>
public sealed record SoupOptions
{
    /// <summary>Greedy or uniform.</summary>
    public SoupKind Kind { get; init; } = SoupKind.Greedy;

    /// <summary>What becomes of batch norms; networks without have nothing to choose.</summary>
    public SoupStatistics Statistics { get; init; } = SoupStatistics.Recalibrate;

    /// <summary>Training batches over which statistics are counted; each mean that is tried costs so many forward passes.</summary>
    public int Batches { get; init; } = 32;

    /// <summary>Take only the best weights of each run, also where it has kept checkpoints.</summary>
    public bool BestOnly { get; init; }
}
