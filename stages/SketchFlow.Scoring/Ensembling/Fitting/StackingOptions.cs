using System.Collections.Immutable;

namespace SketchFlow.Scoring.Ensembling.Fitting;

/// <summary>Settings of stacking.</summary>
public sealed record StackingOptions
{
    /// <summary>Strengths of the penalty that cross-validation chooses from; the cost grows with them.</summary>
    public ImmutableArray<double> Strengths { get; init; } = [1e-4, 1e-3, 1e-2, 1e-1, 1];

    /// <summary>Folds of the cross-validation.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>What a class may look at.</summary>
    public StackForm Form { get; init; } = StackForm.Auto;

    /// <summary>The most steps of a fit.</summary>
    public int Steps { get; init; } = 200;

    /// <summary>Seed of the dealing into folds.</summary>
    public long Seed { get; init; }
}
