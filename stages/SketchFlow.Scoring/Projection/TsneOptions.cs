namespace SketchFlow.Scoring.Projection;

/// <summary>Settings of <see cref="Tsne"/>; the time grows with the number of iterations.</summary>
public sealed record TsneOptions
{
    /// <summary>Effective number of neighbours of a point, at least 1; at most a third of the other points is used.</summary>
    public double Perplexity { get; init; } = 30;

    /// <summary>Number of iterations.</summary>
    public int Iterations { get; init; } = 600;

    /// <summary>Number of iterations at the start in which attraction is multiplied by <see cref="Exaggeration"/>.</summary>
    public int EarlyIterations { get; init; } = 120;

    /// <summary>Factor of the attraction at the start, by which clusters form.</summary>
    public double Exaggeration { get; init; } = 12;

    /// <summary>Largest ratio of the width of a cell and its distance, below which it acts as one point; 0 to 0.7, where 0 is exact and slow.</summary>
    public double Theta { get; init; } = 0.5;

    /// <summary>Seed of the small offsets that separate equal points at the start.</summary>
    public long Seed { get; init; }

    /// <summary>Number of threads, which do not change the result.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}
