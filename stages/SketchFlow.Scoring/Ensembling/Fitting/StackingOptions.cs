using System.Collections.Immutable;

namespace SketchFlow.Scoring.Ensembling.Fitting;

/// <summary>Settings of stacking.</summary>
public sealed record StackingOptions
{
    /// <summary>Penalty strengths from which cross-validation chooses; the cost is proportional to their number.</summary>
    public ImmutableArray<double> Strengths { get; init; } = [1e-4, 1e-3, 1e-2, 1e-1, 1];

    /// <summary>Number of folds of the cross-validation.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Inputs of each class.</summary>
    public StackForm Form { get; init; } = StackForm.Auto;

    /// <summary>Largest number of steps of a fit.</summary>
    public int Steps { get; init; } = 200;

    /// <summary>Random seed of the folds.</summary>
    public long Seed { get; init; }
}
