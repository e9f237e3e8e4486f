using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Replacing;

namespace SketchFlow.Pipeline.Training;

/// <summary>Starts a training run, resumes it, or finds it complete. The verb <c>train</c>, studies and sweeps use it.</summary>
/// <remarks>Everything that can refuse the training comes before the first file is written, so that a refusal changes nothing.</remarks>
/// <param name="data">The images.</param>
/// <param name="context">Device, log, progress display and observers.</param>
public sealed class ResumableTraining(DataSet data, JobContext context)
{
    /// <summary>
    /// The run that the training replaces: it is set aside before the first file is written, deleted after the first epoch, and restored if the training
    /// ends before that. Null replaces none.
    /// </summary>
    public Replacement? Replacement { get; init; }

    /// <summary>Called before the first file of the run is written.</summary>
    internal Action Starting { get; init; } = () => { };

    /// <summary>Whether the caller holds the lock of the run whose folds are trained.</summary>
    internal bool IsRunLocked { get; init; }

    /// <summary>Finds the resume file that a training continues from; null starts from the beginning.</summary>
    /// <param name="recipe">The experiment.</param>
    /// <param name="folder">The folder of the run or fold.</param>
    /// <param name="log">Receives a line for each damaged file.</param>
    /// <exception cref="RefusalException">The run has failed, or its resume files are lost but it has results.</exception>
    public static ResumePoint? FindResumePoint(Recipe recipe, RunFolder folder, Action<string> log)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var from = ResumeFiles.FindLatest(folder.Resume, log);
        if (from is { State: { End: RunEnd.Failed } state } && !TrainingProgress.CanContinue(recipe, state))
        {
            throw new RefusalException($"The run {folder.Name} failed: {state.Reason}; train a new --run, or replace it with --overwrite.");
        }

        string[] results = [.. ((string[])[folder.Best, folder.Metrics]).Where(File.Exists).Select(f => Path.GetFileName(f))];
        return from is not null || results.Length == 0 || ResumeFiles.IsNoneYet(folder.Resume)
            ? from
            : throw new RefusalException(
                $"The run {folder.Name} has no intact resume file in {folder.Resume} and cannot continue, but it has {string.Join(" and ", results)}, "
                + "which training from the beginning would replace. Use it as it is, start another --run "
                + $"{(File.Exists(folder.Best) ? $"with --weights {folder.Best}" : "")}, or train it again with --overwrite.");
    }

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
        using var runLock = IsRunLocked ? RunLock.AcquireFold(folder) : RunLock.Acquire(folder);
        if (!resume && Replacement is null && File.Exists(folder.Recipe))
        {
            throw new RefusalException(
                $"The run {folder.Name} already exists; choose another --run, continue it with --resume, or replace it with --overwrite.");
        }

        var from = resume ? FindResumePoint(recipe, folder, context.Log) : null;
        if (from is { State: { End: { } end } state } && !TrainingProgress.CanContinue(recipe, state))
        {
            return TrainReport.From(state, end) with { WasComplete = true };
        }

        if (resume && from is null && File.Exists(folder.Recipe))
        {
            context.Log($"The run {folder.Name} has no intact resume file; training starts from the beginning.");
        }

        try
        {
            return Train(recipe, folder, resume, from, cancellation);
        }
        catch (OperationCanceledException) when (Replacement is null && !File.Exists(folder.Recipe))
        {
            // The run was interrupted before its first step: --resume finds the recipe and starts it again.
            Starting();
            new RunStore(folder, recipe, data).WriteRecipe(recipe);
            throw;
        }
        finally
        {
            Replacement?.Restore(context.Log);
        }
    }

    private TrainReport Train(Recipe recipe, RunFolder folder, bool resume, ResumePoint? from, CancellationToken cancellation)
    {
        recipe = resume ? RecipeCompatibility.KeepSplit(folder, recipe) : recipe;
        recipe = DataStatistics.Resolve(recipe, data, context, cancellation);
        return new TrainJob(recipe, data, folder, context) { Starting = Start, EpochSaved = () => Replacement?.Complete() }.Run(cancellation, from);

        void Start()
        {
            Replacement?.SetAside();
            Starting();
        }
    }
}
