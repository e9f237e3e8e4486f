namespace SketchFlow.Fuzz.Runs;

/// <summary>Options of a run with one reader.</summary>
public sealed record FuzzOptions
{
    /// <summary>Seed of the mutants.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Number of mutants; null runs until <see cref="Time"/> is over.</summary>
    public long? Count { get; init; }

    /// <summary>Longest time; null has no limit.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>Number of worker processes.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Folder of found inputs; null writes none.</summary>
    public string? Findings { get; init; }

    /// <summary>Folder of further inputs to mutate, such as <c>../shared/cases</c>; null has none.</summary>
    public string? Cases { get; init; }
}
