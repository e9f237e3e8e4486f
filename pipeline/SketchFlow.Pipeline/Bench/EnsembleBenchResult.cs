namespace SketchFlow.Pipeline.Bench;

/// <summary>What loading and searching synthetic logits tables came to.</summary>
public sealed record EnsembleBenchResult
{
    /// <summary>Models, one table each.</summary>
    public required int Models { get; init; }

    /// <summary>Rows of a table.</summary>
    public required int Rows { get; init; }

    /// <summary>Classes of a row.</summary>
    public required int Classes { get; init; }

    /// <summary>Seconds to read, check and join the tables, the first time in this process.</summary>
    public required double LoadSeconds { get; init; }

    /// <summary>Growth of the resident set by loading, bytes, as a multiple of the raw float32 logits.</summary>
    public required double LoadMemoryRatio { get; init; }

    /// <summary>Highest resident set while loading less that before, as a multiple of the raw float32 logits; null where the system does not tell.</summary>
    public required double? LoadPeakMemoryRatio { get; init; }

    /// <summary>Seconds to score every subset by accuracy, the first time in this process.</summary>
    public required double SearchSeconds { get; init; }

    /// <summary>Seconds of a second search.</summary>
    public required double SecondSearchSeconds { get; init; }

    /// <summary>Subsets scored: 2^models - 1.</summary>
    public required int Subsets { get; init; }

    /// <summary>Subsets a second of the first search.</summary>
    public required double SubsetsPerSecond { get; init; }

    /// <summary>Accuracy of the best subset.</summary>
    public required double Best { get; init; }

    /// <summary>The best subset: one bit a model, in the order of their names.</summary>
    public required int BestSubset { get; init; }

    /// <summary>Threads.</summary>
    public required int Workers { get; init; }
}
