using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Replacing;

namespace SketchFlow.Pipeline.Training;

/// <summary>Decides which run folder a training may use: a new one, one to resume, or one to replace.</summary>
public static class RunReservation
{
    /// <summary>Finds the newest run that is not complete, according to its resume files or those of its folds.</summary>
    /// <param name="artifacts">The output folder.</param>
    /// <param name="log">Receives a line for each damaged resume file.</param>
    /// <exception cref="RefusalException">All runs are complete.</exception>
    public static RunFolder LatestUnfinished(Artifacts artifacts, Action<string> log)
    {
        return (Directory.Exists(artifacts.Runs) ? Directory.EnumerateDirectories(artifacts.Runs) : [])
            .Select(d => new RunFolder(d)).Where(r => File.Exists(r.Recipe))
            .OrderByDescending(r => File.GetLastWriteTimeUtc(r.Recipe)).ThenBy(r => r.Name, StringComparer.Ordinal)
            .FirstOrDefault(r => !IsComplete(r))
            ?? throw new RefusalException($"No run in {artifacts.Runs} is unfinished, so there is none to resume; name a run with --run to start it.");

        bool IsComplete(RunFolder run) => File.Exists(run.Soup) || (run.Folds is { Count: > 0 } folds
            ? folds.Count == run.Read().Data.Folds && folds.All(IsComplete)
            : ResumeFiles.FindLatest(run.Resume, log)?.State.End is not null);
    }

    /// <summary>Checks that a training may use a run folder: a resumed run only with the same recipe, an existing one only to replace it.</summary>
    /// <param name="folder">Folder of the run, <c>artifacts/runs/NAME</c>.</param>
    /// <param name="recipe">Recipe of the training.</param>
    /// <param name="resume">Whether an existing run is resumed.</param>
    /// <param name="overwrite">Whether an existing run, or the fold that the recipe selects, is replaced.</param>
    /// <returns>The replacement, which the training carries out when nothing can refuse it any more; null if nothing is replaced.</returns>
    /// <exception cref="RefusalException">The folder is in use, or the run is a soup or has another recipe.</exception>
    public static Replacement? Reserve(RunFolder folder, Recipe recipe, bool resume, bool overwrite)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(recipe);
        if (File.Exists(folder.Folder))
        {
            throw new RefusalException($"{folder.Folder} is a file; choose another --run.");
        }

        if (!Directory.Exists(folder.Folder))
        {
            return null;
        }

        if (resume)
        {
            CheckResumable(folder, recipe);
            return null;
        }

        var target = recipe.Data.Fold is { } fold ? folder.ForFold(fold) : folder;
        if (overwrite)
        {
            return Replace(folder, target, recipe);
        }

        // A further fold of a run that has other folds belongs to the same run.
        if (recipe.Data.Fold is null || Directory.Exists(target.Folder) || !File.Exists(folder.Recipe))
        {
            throw new RefusalException(
                $"The run {target.Name} already exists; choose another --run, continue it with --resume, or replace it with --overwrite.");
        }

        RecipeCompatibility.Check(folder, folder.Read(), recipe);
        return null;
    }

    /// <summary>Creates the refusal of <c>--resume</c> without <c>--model</c> for a run that has no recipe.</summary>
    public static RefusalException NothingToResume(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var what = !Directory.Exists(folder.Folder) ? $"There is no run {folder.Name} in {Path.GetDirectoryName(folder.Folder)}{folder.Similar()}"
            : $"The run {folder.Name} has no {Path.GetFileName(folder.Recipe)}";
        return new RefusalException($"{what}, so there is nothing to resume; give --model and --data to start it.");
    }

    private static Replacement? Replace(RunFolder folder, RunFolder target, Recipe recipe)
    {
        // All folds of a run have one recipe, and a run without folds has none to replace.
        if (target.Fold is not null && File.Exists(folder.Recipe))
        {
            RecipeCompatibility.Check(folder, folder.Read(), recipe);
        }

        if (!Directory.Exists(target.Folder))
        {
            return null;
        }

        // Found now rather than when the new model is built; the training acquires the lock itself.
        RunLock.Acquire(target).Dispose();
        return Replacement.OfRun(new Artifacts(Path.GetDirectoryName(Path.GetDirectoryName(folder.Folder))!), target);
    }

    private static void CheckResumable(RunFolder folder, Recipe recipe)
    {
        if (File.Exists(folder.Soup))
        {
            throw new RefusalException($"The run {folder.Name} is a soup of other runs and cannot be resumed; choose another --run.");
        }

        if (File.Exists(folder.Recipe))
        {
            RecipeCompatibility.Check(folder, folder.Read(), recipe);
        }
    }
}
