using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Evaluation;

/// <summary>
/// logits (Parquet) ─> prediction ─> metrics. Computes only; <see cref="EvaluationFiles"/> writes. Neither libtorch nor OpenCV is loaded.
/// </summary>
public static class EvaluateJob
{
    /// <summary>Loads the prediction of a run.</summary>
    /// <exception cref="RefusalException">It has no table of that split.</exception>
    public static EvaluatedRun LoadRun(Artifacts artifacts, string dataSet, string split, string run, TableCache? cache = null)
    {
        var tables = RunLogits.Read(artifacts, dataSet, split, [run], cache)
            ?? throw new RefusalException(
                $"There are no {split} logits of the run {run} in {Path.Combine(artifacts.Logits, dataSet, split)}; run sketchflow predict --run {run}.");
        return Create(run, dataSet, tables);
    }

    /// <summary>Loads the prediction of the run with the highest accuracy on a split, among the runs with the same rows.</summary>
    /// <returns>The run, and the runs that could not be compared.</returns>
    /// <exception cref="RefusalException">There are no tables of that split that can be used, or they have no targets.</exception>
    public static (EvaluatedRun Best, ImmutableArray<LeftOutMember> LeftOut) LoadBestRun(
        Artifacts artifacts, string dataSet, string split, TableCache? cache = null)
    {
        cache ??= new TableCache();
        var inputs = EnsembleInputs.ReadSplit(artifacts, dataSet, split, cache);
        var set = inputs.Validation.Set;
        var targets = set.RequireTargets();
        var best = set.Members.MaxBy(m => ClassificationMetrics.Evaluate(m.Logits.Span, set.Classes, targets).Accuracy)!.Metadata.Member;
        return (LoadRun(artifacts, dataSet, split, best, cache), inputs.LeftOut);
    }

    /// <summary>Loads the prediction of a saved ensemble.</summary>
    /// <exception cref="RefusalException">A table is missing or has changed.</exception>
    public static EvaluatedRun LoadEnsemble(Artifacts artifacts, string split, EnsembleFile file, string name, TableCache? cache = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        var (set, prediction) = EnsembleJob.Predict(artifacts, file, split, cache);
        return new EvaluatedRun(name, file.Dataset, set, prediction) { IsCalibrated = true };
    }

    /// <summary>Loads the prediction of what a name stands for: a run (also one whose logits were imported), or a saved ensemble.</summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="dataSet">Returns the name of the data set, which ensembles have of their own.</param>
    /// <param name="split">val or train.</param>
    /// <param name="name">The name; <c>run:NAME</c> and <c>ensemble:NAME</c> name one kind alone.</param>
    /// <param name="option">The option that gives the name, for messages.</param>
    /// <param name="cache">Tables loaded before.</param>
    /// <exception cref="UsageException">The name is both a run and an ensemble.</exception>
    /// <exception cref="RefusalException">There is neither, or a table is missing or has changed.</exception>
    public static EvaluatedRun Load(
        Artifacts artifacts, Func<string> dataSet, string split, string name, string option = "--run", TableCache? cache = null)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(dataSet);
        ArgumentNullException.ThrowIfNull(name);
        var names = new TrainedModelNames(artifacts, option);
        var isEnsemble = names.TryFindEnsemble(name) is not null;
        var run = name.StartsWith(TrainedRun.Prefix, StringComparison.Ordinal) ? name[TrainedRun.Prefix.Length..] : name;
        // Members such as RUN+hflip have tables without a folder of their own.
        var isRun = HasTables(artifacts, split, run);
        if (name.StartsWith(TrainedEnsemble.Prefix, StringComparison.Ordinal) || (isEnsemble && !isRun))
        {
            return FromFile(names.FindEnsembleFile(name));
        }

        if (isRun)
        {
            return !isEnsemble ? LoadRun(artifacts, dataSet(), split, run, cache) : throw new UsageException(
                $"{option} {name} is a run and an ensemble; write {TrainedRun.Prefix}{name} or {TrainedEnsemble.Prefix}{name}.");
        }

        return names.Find(name) switch
        {
            TrainedRun found => LoadRun(artifacts, dataSet(), split, found.Name, cache),
            TrainedEnsemble found => FromFile(found.File),
            var other => throw new UsageException(
                $"{option} {name} is {other.Kind}, and evaluate measures runs and ensembles from their logits; train it on your data first, or name classes of "
                + "images with sketchflow classify."),
        };

        EvaluatedRun FromFile(string file) =>
            LoadEnsemble(artifacts, split, EnsembleFile.Load(file), Path.GetFileNameWithoutExtension(file), cache);
    }

    private static bool HasTables(Artifacts artifacts, string split, string name) =>
        MemberTables.FindFiles(artifacts, split).Any(f => MemberTables.MemberOf(f) == name);

    // A figure on rows that were learnt from would be no estimate.
    private static EvaluatedRun Create(string name, string dataSet, RunLogits tables) => tables.Set.Members[0].Metadata.EstimatedBy is { } estimate
        ? throw new RefusalException($"The run {name} is a refit, which learnt from every row; it is estimated by the run {estimate}: evaluate that one.")
        : new EvaluatedRun(name, dataSet, tables.Set, Combine.SoftVote(tables.Set));

    /// <summary>Computes the metrics of a prediction.</summary>
    /// <param name="evaluated">The prediction.</param>
    /// <param name="other">A prediction to compare with by McNemar's test, or null.</param>
    /// <exception cref="RefusalException">A row has no target, or the two predictions have different rows.</exception>
    public static EvaluationResult Evaluate(EvaluatedRun evaluated, EvaluatedRun? other = null)
    {
        ArgumentNullException.ThrowIfNull(evaluated);
        var (set, prediction) = (evaluated.Set, evaluated.Prediction);
        var targets = set.RequireTargets();
        return new EvaluationResult
        {
            Evaluated = evaluated,
            Targets = targets,
            Report = ClassificationMetrics.Evaluate(prediction, targets),
            Accuracy = Resampling.Bootstrap(prediction, targets),
            Rejected = Enumerable.Range(0, set.Rows).Count(r => set.Members.Any(m => !string.Equals(m.Statuses[r], LogitsTable.Ok, StringComparison.Ordinal))),
            WorstRows = [.. Enumerable.Range(0, set.Rows).OrderBy(r => prediction.Row(r)[targets[r]]).ThenBy(r => r)],
            Comparison = other is null ? null : (other, Compare(evaluated, other)),
        };
    }

    /// <summary>Applies McNemar's test to two predictions for the same rows.</summary>
    /// <exception cref="RefusalException">Their rows differ.</exception>
    public static McNemarResult Compare(EvaluatedRun first, EvaluatedRun second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (!first.Set.Ids.AsSpan().SequenceEqual(second.Set.Ids) || !first.Set.ImagePaths.AsSpan().SequenceEqual(second.Set.ImagePaths))
        {
            throw new RefusalException(
                $"{first.Name} ({first.Set.Rows} rows) and {second.Name} ({second.Set.Rows} rows) were not predicted for the same rows; "
                + "predict both on one split.");
        }

        return ModelComparison.McNemarTest(first.Prediction.Predictions, second.Prediction.Predictions, first.Set.RequireTargets());
    }

    /// <summary>Finds the images of a split by their paths: in the given folder, in that of a member's run, or in the built-in data; null if in none.</summary>
    /// <inheritdoc cref="FindData"/>
    public static IReadOnlyDictionary<string, Sample>? FindImages(Artifacts artifacts, EvaluatedRun evaluated, string? data) =>
        FindData(artifacts, evaluated, data) is { } found ? ByPath(found) : null;

    /// <summary>Returns the images of a data set by their paths.</summary>
    /// <param name="data">The data set; the same path in two splits is the same file.</param>
    public static Dictionary<string, Sample> ByPath(DataSet data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data.Train.Concat(data.Validation).Concat(data.Test).DistinctBy(s => s.ImagePath, StringComparer.Ordinal)
            .ToDictionary(s => s.ImagePath, StringComparer.Ordinal);
    }

    /// <summary>
    /// Finds the data set with the images of a split: in the given folder, in that of a member's run, or the built-in data; null if none has all of them.
    /// </summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="evaluated">The prediction whose rows they are.</param>
    /// <param name="data">Folder of the data set, or null.</param>
    public static DataSet? FindData(Artifacts artifacts, EvaluatedRun evaluated, string? data)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(evaluated);
        var folders = evaluated.Set.Members.Select(m => artifacts.Run(m.Metadata.Run)).Where(r => File.Exists(r.Recipe)).Select(DataFolder).Prepend(data)
            .Append(Path.Combine(artifacts.Data, evaluated.DataSet)).Where(f => f is not null && Directory.Exists(f)).Distinct(StringComparer.Ordinal);
        foreach (var folder in folders)
        {
            var opened = new DataSetNames(artifacts).Read(folder!);
            if (ByPath(opened) is var known && evaluated.Set.ImagePaths.All(known.ContainsKey))
            {
                return opened;
            }
        }

        return null;

        static string? DataFolder(RunFolder run)
        {
            try
            {
                return run.Read().Data.Path;
            }
            catch (RefusalException)
            {
                // The recipe may be of another version; the images are then searched elsewhere.
                return null;
            }
        }
    }
}
