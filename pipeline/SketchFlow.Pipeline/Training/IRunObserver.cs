using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training;

/// <summary>Watches a run: trackers, sweeps. Called in order on the training thread; what it throws ends the run, so an observer that may fail catches it itself.</summary>
/// <remarks>A resumed run calls <see cref="Started"/> again in its new process; an epoch that was under way at a kill is observed when it is done.</remarks>
public interface IRunObserver
{
    /// <summary>The run begins or goes on; its folder and <c>recipe.yaml</c> exist.</summary>
    void Started(RunStart start)
    {
    }

    /// <summary>A step was taken.</summary>
    void Step(StepRow step)
    {
    }

    /// <summary>An epoch was trained, validated and written to <c>metrics.csv</c>.</summary>
    /// <param name="row">Its measurements.</param>
    /// <param name="best">Whether it is the best so far.</param>
    /// <returns>Why the run is given up here (a clause for people), or null to go on.</returns>
    string? Epoch(EpochMetrics row, bool best) => null;

    /// <summary>The run ended, in whatever way.</summary>
    void Ended(RunEnd end, EpochMetrics? best)
    {
    }
}
