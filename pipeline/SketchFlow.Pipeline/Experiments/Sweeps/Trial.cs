using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>One trial of a sweep.</summary>
public sealed record Trial
{
    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>Its place in the unit cube of the searched settings.</summary>
    public required double[] Units { get; init; }

    /// <summary>How it is.</summary>
    public TrialState State { get; init; } = TrialState.Running;

    /// <summary>The metric after each epoch.</summary>
    public ImmutableArray<double> History { get; init; } = [];

    /// <summary>The best of them; null where there is none.</summary>
    public double? Best { get; init; }

    /// <summary>The epoch of the best, from 1; 0 where there is none.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Why it ended early.</summary>
    public string? Reason { get; init; }

    /// <summary>Seconds that it took.</summary>
    public double Seconds { get; init; }

    /// <summary>How often it was begun.</summary>
    public int Attempts { get; init; } = 1;
}
