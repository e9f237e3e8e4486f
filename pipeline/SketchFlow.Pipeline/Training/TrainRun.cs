using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Training;

/// <summary>Training under a name: begun, gone on with, or found complete. What <c>sketchflow train</c>, studies and sweeps start.</summary>
/// <param name="data">The images.</param>
/// <param name="device">Where tensors live.</param>
/// <param name="log">Takes a line for people.</param>
/// <param name="observers">Trackers and the like; called in this order, for each fold anew.</param>
public sealed class TrainRun(DataSet data, ComputeDevice device, Action<string> log, IReadOnlyList<IRunObserver>? observers = null)
{
    // What may differ when a run goes on: it changes nothing of what has been computed.
    private static readonly ImmutableArray<string> _free =
        ["description", "epochs", "workers", "threads", "device", "data.path", "data.fold", "data.cache_megabytes", "stopping", "checkpoints", "weights"];

    /// <summary>Trains one run, or one fold of a run.</summary>
    /// <param name="recipe">The experiment; with folds, it names the one.</param>
    /// <param name="folder">Its files.</param>
    /// <param name="resume">Go on with what is there; without, the folder holds no run.</param>
    /// <param name="cancellation">Ends it after the step under way.</param>
    /// <exception cref="RefusalException">Another process trains it, or what is there cannot be gone on with.</exception>
    public TrainReport Go(Recipe recipe, RunFolder folder, bool resume, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(folder);
        using var held = RunLock.Take(folder);
        var found = resume ? ResumeFiles.Furthest(folder.Resume, log) : null;
        if (found is { State: { End: { } end } state } && !(end == RunEnd.Complete && recipe.Epochs > state.Epoch))
        {
            return TrainReport.From(state, end) with { WasComplete = true };
        }

        if (resume && found is null && File.Exists(folder.Recipe))
        {
            log($"The run {folder.Name} has no sound resume file yet; it begins anew.");
        }

        // A kill leaves temporaries behind.
        foreach (var temporary in Directory.EnumerateFiles(folder.Folder, "*.tmp", SearchOption.AllDirectories))
        {
            File.Delete(temporary);
        }

        recipe = DataStatistics.Resolve(recipe, data, log, cancellation);
        return new TrainJob(recipe, data, folder, device, log, observers).Run(cancellation, found);
    }

    /// <summary>Trains the folds that a recipe asks for, and predicts every training image by the model that did not learn from it once all are there.</summary>
    /// <param name="recipe">The experiment; <c>data.fold</c> names one fold, or null asks for all.</param>
    /// <param name="folder">The run's files.</param>
    /// <param name="resume">Go on with what is there.</param>
    /// <param name="artifacts">Where out-of-fold logits go.</param>
    /// <param name="cancellation">Ends it after the step under way.</param>
    public FoldsReport GoFolds(Recipe recipe, RunFolder folder, bool resume, Artifacts artifacts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(folder);
        WholeFile.WriteText(folder.Recipe, RecipeFile.Write(recipe with { Data = recipe.Data with { Fold = null } }));
        var reports = ImmutableArray.CreateBuilder<(int, TrainReport)>();
        foreach (var fold in recipe.Data.Fold is { } one ? [one] : Enumerable.Range(0, recipe.Data.Folds))
        {
            log($"fold {fold} of {recipe.Data.Folds}");
            var report = Go(recipe with { Data = recipe.Data with { Fold = fold } }, folder.OfFold(fold), resume, cancellation);
            if (report.WasComplete)
            {
                log($"fold {fold} is complete: {report.Epochs.Length} epochs");
            }

            reports.Add((fold, report));
        }

        WriteFolds(folder, recipe);
        var trained = folder.Trained;
        var whole = trained.Count == recipe.Data.Folds && trained.All(f => ResumeFiles.Furthest(f.Resume, log)?.State.End is not null);
        return new FoldsReport(reports.ToImmutable(), whole ? OutOfFold(trained, artifacts, cancellation) : null);
    }

    /// <summary>Holds a recipe that is asked for against the one that a run was begun with.</summary>
    /// <exception cref="RefusalException">They differ in what has been computed; the sentence names both values.</exception>
    public static void CheckSame(RunFolder folder, Recipe kept, Recipe asked)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(asked);
        if (asked.Preparation is { Normalization: Normalization.DataSet, Mean: null })
        {
            asked = asked with { Preparation = asked.Preparation with { Mean = kept.Preparation.Mean, Std = kept.Preparation.Std } };
        }

        var (old, now) = (Flat(kept), Flat(asked));
        foreach (var key in old.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            var (was, wanted) = (old.GetValueOrDefault(key, "null"), now.GetValueOrDefault(key, "null"));
            if (was != wanted && !_free.Any(f => key == f || key.StartsWith(f + ".", StringComparison.Ordinal)))
            {
                throw new RefusalException($"The run {folder.Name} was begun with {key} {was} and is asked to go on with {wanted}; leave it as it was, or train another --run.");
            }
        }
    }

    private static Dictionary<string, string> Flat(Recipe recipe)
    {
        var flat = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(JsonSerializer.SerializeToNode(recipe, RecipeFile.Json), "");
        return flat;

        void Add(JsonNode? node, string path)
        {
            if (node is JsonObject parts)
            {
                foreach (var (key, value) in parts)
                {
                    Add(value, path.Length == 0 ? key : $"{path}.{key}");
                }
            }
            else
            {
                flat[path] = node?.ToJsonString() ?? "null";
            }
        }
    }

    private ClassificationReport OutOfFold(IReadOnlyList<RunFolder> folds, Artifacts artifacts, CancellationToken cancellation)
    {
        var tables = new List<LogitsTable>();
        foreach (var fold in folds)
        {
            using var flow = new PredictJob(fold, fold.Read(), data, device, artifacts);
            tables.Add(LogitsReader.Read(flow.HeldOut(cancellation).Path));
        }

        return ClassificationMetrics.Evaluate(FoldTables.OutOfFold(tables), new MetricsOptions { K = Math.Min(5, data.Classes.Length) });
    }

    private static void WriteFolds(RunFolder folder, Recipe recipe) => CsvFile.Write(folder.FoldMetrics, folder.Folds.Where(f => File.Exists(f.Metrics)).Select(f =>
    {
        var (rows, patience) = (EpochMetrics.Read(f.Metrics), new EarlyStopping(recipe.Stopping));
        var best = patience.Ranked(rows).First();
        var (loss, accuracy) = best.Judged(recipe.Stopping.Metric);
        return new { fold = f.Fold, epochs = rows.Length, best_epoch = best.Epoch, val_loss = loss, val_accuracy = accuracy };
    }));
}
