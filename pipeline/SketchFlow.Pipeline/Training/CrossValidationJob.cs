using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Replacing;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Training;

/// <summary>Trains one model per fold, and computes out-of-fold predictions of all training images once every fold is trained.</summary>
/// <param name="data">The images.</param>
/// <param name="artifacts">The folder of all output, which receives the out-of-fold logits.</param>
/// <param name="context">Device, log, progress display and observers; observers are called for each fold.</param>
public sealed class CrossValidationJob(DataSet data, Artifacts artifacts, JobContext context)
{
    /// <summary>The run, or the one fold, that the training replaces; null replaces none.</summary>
    public Replacement? Replacement { get; init; }

    /// <summary>Trains the folds that a recipe selects.</summary>
    /// <param name="recipe">The experiment; <c>data.fold</c> selects one fold, null selects all.</param>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="resume">Continue the folds that the folder holds.</param>
    /// <param name="cancellation">Ends training after the current step.</param>
    /// <exception cref="RefusalException">Another process trains a fold, or it cannot be resumed with this recipe and data.</exception>
    public CrossValidationReport Run(Recipe recipe, RunFolder folder, bool resume, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(folder);
        // Replacing the whole run excludes processes that train any of its folds.
        var replacesAll = Replacement is not null && recipe.Data.Fold is null;
        using var runLock = replacesAll ? RunLock.Acquire(folder) : null;
        recipe = resume || recipe.Data.Fold is not null ? RecipeCompatibility.KeepSplit(folder, recipe) : recipe;
        var store = new RunStore(folder, recipe, data);
        var reports = ImmutableArray.CreateBuilder<(int, TrainReport)>();
        int[] folds = recipe.Data.Fold is { } one ? [one] : [.. Enumerable.Range(0, recipe.Data.Folds)];
        // A fold that cannot be resumed is found before another one trains for hours.
        int[] epochs = [.. folds.Select(fold => EpochsLeft(recipe, folder.ForFold(fold), resume))];

        foreach (var (i, fold) in folds.Index())
        {
            var training = new ResumableTraining(data, context with { EpochsAfter = context.EpochsAfter + epochs[(i + 1)..].Sum() })
            {
                Replacement = Replacement,
                Starting = WriteRecipe,
                IsRunLocked = replacesAll,
            };
            context.Log($"fold-{fold} ({i + 1} of {folds.Length})");
            var report = training.Run(recipe with { Data = recipe.Data with { Fold = fold } }, folder.ForFold(fold), resume, cancellation);
            if (report.WasComplete)
            {
                context.Log($"fold-{fold} is complete: {report.Epochs.Length} epochs");
            }
            else if (report.Best is { } best)
            {
                context.Log($"fold-{fold}: best epoch {best.Epoch}, validation accuracy {Percent.Text(best.Selected(recipe.Stopping.Metric).Accuracy)}");
            }

            reports.Add((fold, report));
        }

        store.WriteFolds(FoldResults(folder, recipe.Stopping.Metric));
        var trained = folder.Trained;
        var isComplete = trained.Count == recipe.Data.Folds && trained.All(f => ResumeFiles.FindLatest(f.Resume, context.Log)?.State.End is not null);
        return new CrossValidationReport(reports.ToImmutable(), isComplete ? PredictOutOfFold(trained, cancellation) : null);

        void WriteRecipe()
        {
            // A fold that is replaced belongs to a run, whose recipe stays as it is in case the fold is restored.
            if (Replacement is null || replacesAll)
            {
                store.WriteRecipe(recipe with { Data = recipe.Data with { Fold = null } });
            }
        }
    }

    private static int EpochsLeft(Recipe recipe, RunFolder fold, bool resume) =>
        resume && ResumableTraining.FindResumePoint(recipe, fold, _ => { }) is { State: var state }
            ? state.End is not null && !TrainingProgress.CanContinue(recipe, state) ? 0 : TrainingProgress.LastEpoch(recipe) - state.Epoch
            : TrainingProgress.LastEpoch(recipe);

    // Folds that an earlier process trained count as well.
    private static IEnumerable<FoldResult> FoldResults(RunFolder folder, ValidationMetric metric)
    {
        var ranking = new EpochRanking(metric);
        foreach (var fold in folder.Folds.Where(f => File.Exists(f.Metrics)))
        {
            var rows = EpochMetrics.Read(fold.Metrics);
            if (ranking.FindBest(rows) is { } best)
            {
                yield return new FoldResult(fold.Fold!.Value, rows.Length, best);
            }
        }
    }

    private ClassificationReport PredictOutOfFold(IReadOnlyList<RunFolder> folds, CancellationToken cancellation)
    {
        var tables = new List<LogitsTable>();
        foreach (var fold in folds)
        {
            using var job = new PredictJob(fold, fold.Read(), data, artifacts, context);
            tables.Add(job.PredictHeldOut(cancellation).Table);
        }

        return ClassificationMetrics.Evaluate(FoldTables.OutOfFold(tables), new MetricsOptions { K = Math.Min(5, data.Classes.Length) });
    }
}
