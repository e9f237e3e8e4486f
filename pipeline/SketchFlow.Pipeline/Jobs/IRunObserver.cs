using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Jobs;

/// <summary>Observes a training run: trackers and sweeps implement it.</summary>
/// <remarks>
/// All methods are called in order on the training thread. An exception ends the run, so an observer whose work may fail must catch its own errors.
/// A resumed run calls <see cref="Started"/> again in its new process; an epoch that a kill interrupted is reported once it is complete.
/// </remarks>
public interface IRunObserver
{
    /// <summary>Called when the run starts or resumes; its folder and <c>recipe.yaml</c> exist.</summary>
    void Started(RunStart start)
    {
    }

    /// <summary>Called after each training step.</summary>
    void Step(StepMetrics step)
    {
    }

    /// <summary>Called after an epoch has been trained, validated and stored.</summary>
    /// <param name="result">The measurements of the epoch.</param>
    /// <returns>The reason to stop the run here, as a clause for the log; null to continue.</returns>
    string? Epoch(EpochResult result) => null;

    /// <summary>Called when the run ends for any reason.</summary>
    /// <param name="end">The reason.</param>
    /// <param name="best">The best epoch; null before the first.</param>
    void Ended(RunEnd end, EpochMetrics? best)
    {
    }
}
