namespace SketchFlow.Pipeline.Bench;

/// <summary>The measurements of loading and searching synthetic logits tables.</summary>
public sealed record EnsembleBenchResult
{
    /// <summary>Number of models, one table each.</summary>
    public required int Models { get; init; }

    /// <summary>Number of rows per table.</summary>
    public required int Rows { get; init; }

    /// <summary>Number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>Seconds to read, check and join the tables, for the first time in this process.</summary>
    public required double LoadSeconds { get; init; }

    /// <summary>Growth of resident memory through loading, as a multiple of the size of the float32 logits.</summary>
    public required double LoadMemoryRatio { get; init; }

    /// <summary>Peak growth of resident memory during loading, as a multiple of the size of the float32 logits; null if unknown.</summary>
    public required double? LoadPeakMemoryRatio { get; init; }

    /// <summary>Seconds to compute the accuracy of every subset, for the first time in this process.</summary>
    public required double SearchSeconds { get; init; }

    /// <summary>Seconds of a second search.</summary>
    public required double SecondSearchSeconds { get; init; }

    /// <summary>Number of subsets: 2^models - 1.</summary>
    public required int Subsets { get; init; }

    /// <summary>Subsets per second in the first search.</summary>
    public required double SubsetsPerSecond { get; init; }

    /// <summary>Accuracy of the best subset.</summary>
    public required double Best { get; init; }

    /// <summary>The best subset as a bit mask, in the order of the model names.</summary>
    public required int BestSubset { get; init; }

    /// <summary>Number of threads.</summary>
    public required int Workers { get; init; }
}
