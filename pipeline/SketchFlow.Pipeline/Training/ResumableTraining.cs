using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training;

/// <summary>Starts a training run, resumes it, or finds it complete. The verb <c>train</c>, studies and sweeps use it.</summary>
/// <param name="data">The images.</param>
/// <param name="context">Device, log, progress display and observers.</param>
public sealed class ResumableTraining(DataSet data, JobContext context)
{
    /// <summary>Trains a run or a fold.</summary>
    /// <param name="recipe">The experiment; if it has folds, it selects one.</param>
    /// <param name="folder">The folder of the run or fold.</param>
    /// <param name="resume">Continue the run that the folder holds; otherwise the folder must hold none.</param>
    /// <param name="cancellation">Ends training after the current step.</param>
    /// <exception cref="RefusalException">Another process trains the run, it has failed, or it cannot be resumed with this recipe and data.</exception>
    public TrainReport Run(Recipe recipe, RunFolder folder, bool resume, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(folder);
        using var runLock = RunLock.Acquire(folder);
        var from = resume ? ResumeFiles.FindLatest(folder.Resume, context.Log) : null;
        if (from is { State: { End: { } end } state } && !TrainingProgress.CanContinue(recipe, state))
        {
            return end == RunEnd.Failed
                ? throw new RefusalException($"The run {folder.Name} failed: {state.Reason}; train a new --run, or replace it with --overwrite.")
                : TrainReport.From(state, end) with { WasComplete = true };
        }

        if (resume && from is null && File.Exists(folder.Recipe))
        {
            context.Log($"The run {folder.Name} has no intact resume file; training starts from the beginning.");
        }

        recipe = resume ? RecipeCompatibility.KeepSplit(folder, recipe) : recipe;
        new RunStore(folder, recipe, data).DeleteTemporaries();
        recipe = DataStatistics.Resolve(recipe, data, context, cancellation);
        return new TrainJob(recipe, data, folder, context).Run(cancellation, from);
    }
}
