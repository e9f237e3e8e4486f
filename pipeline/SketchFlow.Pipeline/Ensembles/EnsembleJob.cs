using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>
/// logits (Parquet) ─> join ─> calibrate ─> search ─> combine ─> report. Computes only; <see cref="EnsembleFiles"/> writes.
/// Neither libtorch nor OpenCV is loaded.
/// </summary>
public static class EnsembleJob
{
    /// <summary>
    /// Measures ways of combining the runs of a data set on validation, chooses the one with the best held-out score, and predicts the test rows with it.
    /// </summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="dataSet">Name of the data set.</param>
    /// <param name="options">Settings of the search.</param>
    /// <param name="progress">Opens progress displays; null shows none.</param>
    /// <exception cref="RefusalException">No run can be used.</exception>
    public static EnsembleReport Run(Artifacts artifacts, string dataSet, EnsembleOptions? options = null, ProgressBarFactory? progress = null)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        options ??= new EnsembleOptions();
        var cache = new TableCache(new ScratchArena(options.Memory, Path.Combine(artifacts.Root, "scratch")));
        progress ??= NoProgress.Factory;
        EnsembleInputs inputs;
        using (progress("loading the tables", 0, ""))
        {
            inputs = EnsembleInputs.Read(artifacts, dataSet, options.Members, cache).WithoutChance();
        }

        var set = inputs.Validation.Set;
        var choice = EnsembleChoice.Choose(set, options, progress);
        using var fitting = progress($"fitting {choice.Search.Describe()}, measuring each added model", 0, "");
        var selection = new EnsembleSelection(dataSet, inputs.Validation, choice.Search.Fit(set), choice.Search.Describe(), options.Objective)
        {
            StoresClasses = inputs.Reordered,
        };
        return selection.Evaluate(inputs.Test) with
        {
            HeldOut = choice.HeldOut,
            Candidates = choice.Candidates,
            Skipped = choice.Skipped,
            LeftOut = inputs.LeftOut,
            Notes = [.. inputs.Notes, .. choice.Notes],
        };
    }

    /// <summary>Rebuilds a saved ensemble: the same predictions from the same tables, regardless of other runs.</summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="file">The saved ensemble.</param>
    /// <param name="progress">Opens progress displays; null shows none.</param>
    /// <exception cref="RefusalException">A table is missing or has changed.</exception>
    public static EnsembleReport Rebuild(Artifacts artifacts, EnsembleFile file, ProgressBarFactory? progress = null)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(file);
        var cache = new TableCache(new ScratchArena(ScratchArena.HalfOfMemory, Path.Combine(artifacts.Root, "scratch")));
        using var bar = (progress ?? NoProgress.Factory)("loading the tables", 0, "");
        var (validation, fitted) = Restore(artifacts, file, cache);
        var objective = Enum.TryParse<Objective>(file.Aim, ignoreCase: true, out var known) ? known : Objective.Accuracy;
        var test = SavedTables.Read(artifacts, file, RunLogits.Test, cache);
        return new EnsembleSelection(file.Dataset, validation, fitted, file.Method, objective) { StoresClasses = file.Classes.Count > 0 }.Evaluate(test);
    }

    /// <summary>Predicts the rows of a split with a saved ensemble.</summary>
    /// <exception cref="RefusalException">A table is missing or has changed.</exception>
    public static (LogitsSet Set, EnsemblePrediction Prediction) Predict(Artifacts artifacts, EnsembleFile file, string split, TableCache? cache = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        cache ??= new TableCache();
        var (validation, fitted) = Restore(artifacts, file, cache);
        if (string.Equals(split, RunLogits.Validation, StringComparison.Ordinal))
        {
            return (validation.Set, fitted.Predict());
        }

        var tables = SavedTables.Read(artifacts, file, split, cache)
            ?? throw RunLogits.Missing(artifacts, file.Dataset, split);
        return (tables.Set, fitted.Combination.Apply(tables.Set));
    }

    /// <summary>Explains a saved ensemble's prediction for one image: the most probable classes of every member, in order, and of the ensemble.</summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="file">The saved ensemble.</param>
    /// <param name="id">Row number, looked up in validation and then in test.</param>
    /// <param name="most">Number of classes per prediction.</param>
    /// <exception cref="RefusalException">No split has that id.</exception>
    public static Explanation Explain(Artifacts artifacts, EnsembleFile file, long id, int most = 3)
    {
        ArgumentNullException.ThrowIfNull(file);
        var cache = new TableCache();
        var (validation, fitted) = Restore(artifacts, file, cache);
        var combination = fitted.Combination;
        foreach (var split in new[] { RunLogits.Validation, RunLogits.Test })
        {
            var tables = split == RunLogits.Validation ? validation : SavedTables.Read(artifacts, file, split, cache);
            var row = tables is null ? -1 : Array.BinarySearch(tables.Set.Ids, id);
            if (row < 0)
            {
                continue;
            }

            var one = tables!.Set.WithRows([row]).Calibrated(combination.Temperatures);
            var whole = combination.ApplyCalibrated(one.WithMembers(combination.Members));
            var votes = SavedCombination.Ordered(file)
                .Select((m, i) => new ExplainedPrediction(m.Run, m.Weight, MostProbable(Combine.SoftVote(one.WithMembers([i])))))
                .Append(new ExplainedPrediction("ensemble", file.Members.Sum(m => m.Weight), MostProbable(whole)));
            var target = one.Targets[0];
            return new Explanation(split, id, one.ImagePaths[0], target is { } t ? one.ClassNames[t] : null, [.. votes]);

            ImmutableArray<(string, double)> MostProbable(EnsemblePrediction prediction)
            {
                var order = Enumerable.Range(0, prediction.Classes)
                    .OrderByDescending(c => c == prediction.Predictions[0]).ThenByDescending(c => prediction.Row(0)[c]);
                return [.. order.Take(most).Select(c => (one.ClassNames[c], prediction.Row(0)[c]))];
            }
        }

        throw new RefusalException($"There is no row of id {id} in the validation or test logits of {file.Dataset}; name an id of those tables.");
    }

    /// <summary>
    /// Reads a saved ensemble's validation tables, compares their hashes, and restores its combination; stacks are fitted again on these tables.
    /// </summary>
    /// <exception cref="RefusalException">A table is missing or has changed, or the file is not a valid ensemble.</exception>
    private static (RunLogits Validation, FittedEnsemble Fitted) Restore(Artifacts artifacts, EnsembleFile file, TableCache cache)
    {
        var validation = SavedTables.Read(artifacts, file, RunLogits.Validation, cache)
            ?? throw RunLogits.Missing(artifacts, file.Dataset, "validation");
        var calibrated = new Lazy<LogitsSet>(() => validation.Set.Calibrated([.. SavedCombination.Ordered(file).Select(m => m.Temperature)]));
        var combination = SavedCombination.Create(file, validation.Set.Classes, calibrated);
        return (validation, new FittedEnsemble(combination, calibrated.Value, null));
    }
}
