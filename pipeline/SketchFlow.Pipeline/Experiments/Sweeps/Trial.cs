using System.Collections.Immutable;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>One trial of a sweep.</summary>
public sealed record Trial
{
    /// <summary>Number of the trial, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Point in the unit cube of the searched settings.</summary>
    public required double[] Units { get; init; }

    /// <summary>State of the trial.</summary>
    public TrialState State { get; init; } = TrialState.Running;

    /// <summary>Metric after each epoch.</summary>
    public ImmutableArray<double> History { get; init; } = [];

    /// <summary>Best value of <see cref="History"/>; null without a finite one.</summary>
    public double? Best { get; init; }

    /// <summary>Epoch of the best value, from 1; 0 without one.</summary>
    public int BestEpoch { get; init; }

    /// <summary>Reason for an early end.</summary>
    public string? Reason { get; init; }

    /// <summary>Duration in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>Number of times the trial was started.</summary>
    public int Attempts { get; init; } = 1;
}
