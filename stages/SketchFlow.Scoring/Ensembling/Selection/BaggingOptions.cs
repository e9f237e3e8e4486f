namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Settings of bagged selection.</summary>
public sealed record BaggingOptions
{
    /// <summary>Bags, each with a selection of its own; the cost grows with them.</summary>
    public int Bags { get; init; } = 20;

    /// <summary>Share of the models in a bag, at least one model; Caruana takes half.</summary>
    public double Share { get; init; } = 0.5;

    /// <summary>Seed of the drawing.</summary>
    public long Seed { get; init; }

    /// <summary>The selection within a bag.</summary>
    public GreedyOptions Selection { get; init; } = new();
}
