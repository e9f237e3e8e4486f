namespace SketchFlow.Pipeline.Ensembles;

/// <summary>One member as an ensemble's file keeps it.</summary>
public sealed record EnsembleMember
{
    /// <summary>The run.</summary>
    public string Run { get; init; } = "";

    /// <summary>Its architecture.</summary>
    public string Model { get; init; } = "";

    /// <summary>Its weight in the soft vote; only ratios count.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>What its logits are divided by.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Its weight for each class, in the classes' order; only where members are combined by class.</summary>
    public List<double> ClassWeights { get; init; } = [];

    /// <summary>Its validation tables by path, with the SHA-256 of each file.</summary>
    public Dictionary<string, string> Validation { get; init; } = [];

    /// <summary>Its test tables by path, with the SHA-256 of each file.</summary>
    public Dictionary<string, string> Test { get; init; } = [];
}
