using System.Collections.Immutable;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Samples;

namespace SketchFlow.Pipeline.Training;

/// <summary>How a run came to its end.</summary>
public enum RunEnd
{
    /// <summary>All epochs.</summary>
    Complete,

    /// <summary>Patience ran out.</summary>
    Patience,

    /// <summary>It was below the wanted accuracy after the epochs that it was given.</summary>
    Floor,

    /// <summary>An observer gave it up.</summary>
    Observer,

    /// <summary>Ctrl-C or SIGTERM; it can be resumed.</summary>
    Interrupted,

    /// <summary>An exception.</summary>
    Failed,
}

/// <summary>What an observer learns when a run begins, or goes on.</summary>
/// <param name="Folder">The run's files.</param>
/// <param name="Recipe">Everything resolved.</param>
/// <param name="Data">The images.</param>
/// <param name="Parameters">Learned scalars of the model.</param>
/// <param name="Rows">Epochs that were done before this process; empty for a fresh run. They were observed then, and are not sent again.</param>
public sealed record RunStart(RunFolder Folder, Recipe Recipe, DataSet Data, long Parameters, ImmutableArray<EpochMetrics> Rows);

/// <summary>One training step.</summary>
/// <param name="Step">From 0 over the whole run.</param>
/// <param name="Loss">Mean loss of the batch; NaN or infinite where the step was skipped for it.</param>
/// <param name="LearningRate">The rate of this step.</param>
/// <param name="GradientNorm">Before clipping.</param>
public readonly record struct StepRow(long Step, double Loss, double LearningRate, double GradientNorm);

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
