using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Training;

/// <summary>The figures of a run that stand for its refit, which learns from every image and so cannot be measured itself.</summary>
/// <remarks>The same idea is AutoGluon's <c>refit_full</c> and nnU-Net's fold <c>all</c>.</remarks>
/// <param name="Run">Name of the run that was measured.</param>
/// <param name="Accuracy">Top-1 validation accuracy in [0, 1]: that of the best epoch, on average over its folds.</param>
/// <param name="Loss">Validation loss in nats, likewise.</param>
/// <param name="Temperature">Temperature, the geometric mean over the folds; null if one of them is not calibrated.</param>
/// <param name="StopsAfter">Number of epochs after which training ends: the best epoch where the run stopped early, else all; the median of folds.</param>
/// <param name="Epochs">Epochs of the run, which a plateau schedule observes; the mean over its folds.</param>
public sealed record RefitEstimate(
    string Run, double Accuracy, double Loss, double? Temperature, int StopsAfter, ImmutableArray<EpochMetrics> Epochs)
{
    /// <summary>Reads the figures of a run.</summary>
    /// <param name="run">The run; its folds if it has some.</param>
    /// <exception cref="RefusalException">There is no such run, it has not ended, it is a soup or a refit, or it failed.</exception>
    public static RefitEstimate Read(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var recipe = run.Folds is [var first, ..] ? first.Read() : run.Read();
        if (recipe.Refit is not null || File.Exists(run.Soup))
        {
            throw new RefusalException(
                $"{run.Name} is {(recipe.Refit is null ? "a soup" : $"a refit of {recipe.Refit}")}, expected a trained run with validation images; "
                + "refit the run that it was made from.");
        }

        RunFolder[] parts = run.Folds is { Count: > 0 } folds ? [.. folds] : [run];
        if (recipe.Data.Folds > 0 && parts.Length != recipe.Data.Folds)
        {
            throw new RefusalException($"{run.Name} has {parts.Length} of its {recipe.Data.Folds} folds; continue it with train --run {run.Name} --resume.");
        }

        var measured = parts.Select(p => Measure(p, recipe)).ToList();
        var temperatures = measured.Select(m => m.Temperature).ToList();
        var stops = measured.Select(m => m.StopsAfter).Order().ToList();
        return new RefitEstimate(
            run.Name,
            measured.Average(m => m.Accuracy),
            measured.Average(m => m.Loss),
            temperatures is [var only] ? only : temperatures.All(t => t is not null) ? Math.Exp(temperatures.Average(t => Math.Log(t!.Value))) : null,
            stops[stops.Count / 2],
            [.. Enumerable.Range(0, measured.Min(m => m.Epochs.Length)).Select(e => Mean([.. measured.Select(m => m.Epochs[e])], recipe))]);
    }

    /// <summary>Checks that a data set is the one that the run was trained on, with images added or removed at most.</summary>
    /// <param name="run">The run; its folds if it has some.</param>
    /// <param name="data">The data set of the refit.</param>
    /// <returns>Differences from the time of training, in whole sentences.</returns>
    /// <exception cref="RefusalException">Classes differ, or the data set has none of the run's images.</exception>
    public static IReadOnlyList<string> CheckData(RunFolder run, DataSet data)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(data);
        var part = run.Folds is [var first, ..] ? first : run;
        if (RunIdentity.Read(part).Classes is { IsEmpty: false } classes)
        {
            _ = ClassMapping.Between(
                classes, data.Classes, $"the run {run.Name}", $"the data set {data.Name}", "Refit the run on its own data set.");
        }

        if (RunSplit.Read(part)?.Locate(data) is not { } located)
        {
            return [$"{run.Name} was trained by an older version that did not keep its images; whether {data.Name} is its data set cannot be checked."];
        }

        return located.IsFound
            ? [.. located.DescribeAll(run.Name, data.Name)]
            : throw new RefusalException(
                $"{data.Name} has none of the images that {run.Name} was trained on, so that the figures of {run.Name} estimate nothing; "
                + "refit the run on its own data set, or train a new run.");
    }

    /// <summary>Creates the recipe of the refit: the recipe of the run on all images, without validation and without early stopping.</summary>
    /// <param name="recipe">The recipe of the run.</param>
    public Recipe ToRecipe(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return recipe with
        {
            Description = $"{Run} trained again on all labelled images; the validation figures of {Run} are the estimates.",
            Refit = Run,
            Data = recipe.Data with { Validation = 0, Folds = 0, Fold = null },
            Stopping = recipe.Stopping with { Patience = 0, Floor = 0, LastEpoch = StopsAfter < recipe.Epochs ? StopsAfter : 0 },
            Checkpoints = recipe.Checkpoints with { Top = 0 },
        };
    }

    private static RefitEstimate Measure(RunFolder part, Recipe recipe)
    {
        var state = ResumeFiles.FindLatest(part.Resume, _ => { })?.State;
        if (state?.End is null or RunEnd.Interrupted)
        {
            throw new RefusalException(state is null
                ? $"{part.Name} has no resume files, which tell how it ended; train it again."
                : $"{part.Name} has not finished training; continue it with train --run {part.Run} --resume.");
        }

        var best = state.End == RunEnd.Failed ? null : state.Metrics.FirstOrDefault(r => r.Epoch == state.Patience.Best);
        if (best is null || !File.Exists(part.Best))
        {
            throw new RefusalException($"{part.Name} has no best epoch, so that nothing estimates a refit; train it again with other settings.");
        }

        var (loss, accuracy) = best.Selected(recipe.Stopping.Metric);
        var stops = state.End == RunEnd.Complete ? recipe.Epochs : best.Epoch;
        return new RefitEstimate(part.Name, accuracy, loss, RunIdentity.Read(part).Temperature, stops, state.Metrics);
    }

    private static EpochMetrics Mean(List<EpochMetrics> rows, Recipe recipe)
    {
        var selected = rows.ConvertAll(r => r.Selected(recipe.Stopping.Metric));
        return rows[0] with
        {
            ValidationLoss = selected.Average(s => s.Loss),
            ValidationAccuracy = selected.Average(s => s.Accuracy),
            AverageLoss = null,
            AverageAccuracy = null,
        };
    }
}
