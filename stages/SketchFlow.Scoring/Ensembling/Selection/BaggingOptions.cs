namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Settings of bagged selection.</summary>
public sealed record BaggingOptions
{
    /// <summary>Number of bags, each with its own selection; the cost is proportional to it.</summary>
    public int Bags { get; init; } = 20;

    /// <summary>Share of the models in a bag, at least one model; Caruana uses half.</summary>
    public double Share { get; init; } = 0.5;

    /// <summary>Random seed of the bags.</summary>
    public long Seed { get; init; }

    /// <summary>Settings of the selection within a bag.</summary>
    public GreedyOptions Selection { get; init; } = new();
}
