using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training;

/// <summary>The result of a training run.</summary>
/// <param name="Epochs">One row per epoch, including those before a resume.</param>
/// <param name="Timings">Their times and rates.</param>
/// <param name="Best">The row of the best epoch.</param>
/// <param name="Rejected">Images that could not be used.</param>
/// <param name="End">The reason for which the run ended.</param>
/// <param name="Reason">Explanation of an early end, as a clause; null if all epochs are done.</param>
public sealed record TrainReport(
    ImmutableArray<EpochMetrics> Epochs, ImmutableArray<EpochTiming> Timings, EpochMetrics? Best, ImmutableArray<Rejected> Rejected, RunEnd End, string? Reason)
{
    /// <summary>Whether the run had ended before, so that nothing was done.</summary>
    public bool WasComplete { get; init; }

    /// <summary>Creates the report of a run that has ended.</summary>
    /// <param name="state">The final state of the run.</param>
    /// <param name="end">The reason for which it ended.</param>
    internal static TrainReport From(RunState state, RunEnd end) => new(
        state.Metrics, state.Timings, state.Metrics.FirstOrDefault(r => r.Epoch == state.Patience.Best),
        [.. state.RejectedTraining, .. state.RejectedValidation], end, state.Reason);
}
