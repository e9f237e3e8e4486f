using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training;

/// <summary>What a training run came to.</summary>
/// <param name="Epochs">One row an epoch, those before a resume included.</param>
/// <param name="Timings">What the clock said of them.</param>
/// <param name="Best">The row of the best epoch.</param>
/// <param name="Rejected">Images that could not be used.</param>
/// <param name="End">How it ended.</param>
/// <param name="Reason">Why it ended before its epochs did, as a clause; null where it did not.</param>
public sealed record TrainReport(
    ImmutableArray<EpochMetrics> Epochs, ImmutableArray<EpochTiming> Timings, EpochMetrics? Best, ImmutableArray<Rejected> Rejected, RunEnd End, string? Reason)
{
    /// <summary>The run had ended before, and nothing was done.</summary>
    public bool WasComplete { get; init; }

    /// <summary>The report of a run that has ended.</summary>
    /// <param name="state">Its last state.</param>
    /// <param name="end">How it ended.</param>
    internal static TrainReport From(RunState state, RunEnd end) => new(
        state.Metrics, state.Timings, state.Metrics.FirstOrDefault(r => r.Epoch == state.Patience.Best),
        [.. state.RejectedTraining, .. state.RejectedValidation], end, state.Reason);
}
