using SketchFlow.Pipeline.Runs.Logits;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>One member as stored in an ensemble's file.</summary>
public sealed record EnsembleMember
{
    /// <summary>Name of the run.</summary>
    public string Run { get; init; } = "";

    /// <summary>Architecture of the run.</summary>
    public string Model { get; init; } = "";

    /// <summary>Weight in the combination; only ratios count.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Divisor of the logits.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Weights per class, in the order of the classes; only where members are combined by class.</summary>
    public List<double> ClassWeights { get; init; } = [];

    /// <summary>Name of the run whose validation figures estimate this member, a refit; null for a run with its own.</summary>
    public string? EstimatedBy { get; init; }

    /// <summary>Validation tables by path, with the SHA-256 of each file.</summary>
    public Dictionary<string, string> Validation { get; init; } = [];

    /// <summary>Test tables by path, with the SHA-256 of each file.</summary>
    public Dictionary<string, string> Test { get; init; } = [];

    /// <summary>Returns the tables for a split, by path, with their hashes; empty if the ensemble names none.</summary>
    /// <param name="split">val or test; ensembles name no other tables.</param>
    public IReadOnlyDictionary<string, string> FilesOf(string split) => split switch
    {
        RunLogits.Validation => Validation,
        RunLogits.Test => Test,
        _ => new Dictionary<string, string>(StringComparer.Ordinal),
    };
}
