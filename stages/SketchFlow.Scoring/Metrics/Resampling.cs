using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Metrics;

/// <summary>Estimates the uncertainty of scores, and held-out scores of searches.</summary>
/// <remarks>A search's own score is optimistic, because its ensemble was chosen on the same rows.</remarks>
public static class Resampling
{
    /// <summary>Computes the percentile bootstrap interval of a score (Efron 1979): rows are drawn with replacement.</summary>
    /// <exception cref="ArgumentException">The numbers of rows differ, or the options are out of range.</exception>
    public static Interval Bootstrap(EnsemblePrediction prediction, int[] targets, Objective objective = Objective.Accuracy, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        var all = AllRows(prediction.Rows);
        return BootstrapInterval(prediction.Rows, rows => Score(prediction, targets, objective, rows), all, targets, options ?? new BootstrapOptions());
    }

    /// <summary>Computes the interval of the difference between two scores, on the same resamples for both.</summary>
    /// <exception cref="ArgumentException">The numbers of rows differ, or the options are out of range.</exception>
    public static Interval Difference(
        EnsemblePrediction better, EnsemblePrediction other, int[] targets, Objective objective = Objective.Accuracy, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(better);
        ArgumentNullException.ThrowIfNull(other);
        if (better.Rows != other.Rows)
        {
            throw new ArgumentException($"There are {better.Rows} and {other.Rows} rows, expected equal numbers.", nameof(other));
        }

        var all = AllRows(better.Rows);
        return BootstrapInterval(
            better.Rows, rows => Score(better, targets, objective, rows) - Score(other, targets, objective, rows), all, targets,
            options ?? new BootstrapOptions());
    }

    /// <summary>
    /// Computes held-out predictions by cross-validation: rows are divided into folds, stratified by class; for each fold, everything is fitted on the others
    /// and predicts the fold.
    /// </summary>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="fit">Fits temperatures, members and weights on the given rows and returns a function that predicts other rows.</param>
    /// <param name="folds">Number of folds, at least 2.</param>
    /// <param name="seed">Random seed of the division into folds.</param>
    /// <returns>One prediction per row of the set, in its order.</returns>
    /// <exception cref="RefusalException">There are fewer rows than folds, or a row has no target.</exception>
    public static EnsemblePrediction HeldOutPrediction(LogitsSet set, Func<LogitsSet, Func<LogitsSet, EnsemblePrediction>> fit, int folds = 5, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        if (set.Rows < folds)
        {
            throw new RefusalException($"There are {set.Rows} rows for {folds} folds, expected at least one row per fold; use fewer folds.");
        }

        var targets = set.RequireTargets();
        var order = AllRows(set.Rows);
        KeyedRandom.For(seed, 0, 0, "held-out").Shuffle<int>(order);
        int[] stratified = [.. order.OrderBy(row => targets[row])];
        var probabilities = new double[set.Rows * set.Classes];
        var predictions = new int[set.Rows];
        for (var fold = 0; fold < folds; fold++)
        {
            int[] held = [.. stratified.Where((_, i) => i % folds == fold).Order()];
            int[] rest = [.. stratified.Where((_, i) => i % folds != fold).Order()];
            // Arrays of a fold are freed after it.
            using var arena = set.Arena.CreateChild();
            var predicted = fit(set.WithRows(rest, arena))(set.WithRows(held, arena));
            for (var i = 0; i < held.Length; i++)
            {
                predicted.Row(i).CopyTo(probabilities.AsSpan(held[i] * set.Classes));
                predictions[held[i]] = predicted.Predictions[i];
            }
        }

        return new EnsemblePrediction(set.Classes, probabilities, predictions);
    }

    /// <summary>Computes the score of a prediction; higher is better.</summary>
    /// <exception cref="ArgumentException">The numbers of rows differ or are 0.</exception>
    public static double Score(EnsemblePrediction prediction, int[] targets, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(targets);
        return prediction.Rows == targets.Length && prediction.Rows > 0
            ? Score(prediction, targets, objective, AllRows(prediction.Rows))
            : throw new ArgumentException($"There are {prediction.Rows} rows and {targets.Length} targets, expected equal numbers.", nameof(targets));
    }

    /// <summary>Computes the score of some rows of a prediction.</summary>
    private static double Score(EnsemblePrediction prediction, int[] targets, Objective objective, int[] rows)
    {
        if (objective == Objective.MacroF1)
        {
            return ClassificationMetrics.MacroF1([.. rows.Select(r => prediction.Predictions[r])], [.. rows.Select(r => targets[r])], prediction.Classes);
        }

        var total = 0.0;
        foreach (var row in rows)
        {
            total += objective == Objective.Accuracy
                ? prediction.Predictions[row] == targets[row] ? 1 : 0
                : Math.Log(Math.Max(prediction.Row(row)[targets[row]], Softmax.SmallestProbability));
        }

        return total / rows.Length;
    }

    private static Interval BootstrapInterval(int count, Func<int[], double> score, int[] all, int[] targets, BootstrapOptions options)
    {
        if (targets.Length != count || count == 0 || options.Resamples < 1 || options.Level is not (> 0 and < 1))
        {
            throw new ArgumentException(
                $"There are {count} rows, {targets.Length} targets, {options.Resamples} resamples and the level {options.Level}, "
                + "expected as many targets as rows, at least 1 of each, and a level between 0 and 1.",
                nameof(targets));
        }

        var scores = new double[options.Resamples];
        Parallel.For(0, scores.Length, i =>
        {
            var random = KeyedRandom.For(options.Seed, 0, i, "bootstrap");
            var rows = new int[count];
            foreach (ref var row in rows.AsSpan())
            {
                row = random.NextInteger(0, count);
            }

            scores[i] = score(rows);
        });
        Array.Sort(scores);
        var tail = (1 - options.Level) / 2;
        return new Interval(score(all), Quantile(scores, tail), Quantile(scores, 1 - tail));
    }

    private static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var low = (int)at;
        var high = Math.Min(low + 1, sorted.Length - 1);
        return sorted[low] + ((sorted[high] - sorted[low]) * (at - low));
    }

    private static int[] AllRows(int rows) => [.. Enumerable.Range(0, rows)];
}
