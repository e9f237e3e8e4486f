using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Selection;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Metrics;

/// <summary>How far scores can be trusted: the winner of a search is flattered by having been chosen on the same rows.</summary>
public static class Resampling
{
    /// <summary>Percentile bootstrap interval of a score (Efron 1979): rows are drawn with replacement.</summary>
    /// <exception cref="ArgumentException">The numbers of rows differ, or the options are out of range.</exception>
    public static Interval Bootstrap(EnsemblePrediction prediction, int[] targets, Objective objective = Objective.Accuracy, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        var all = AllRows(prediction.Rows);
        return BootstrapInterval(prediction.Rows, rows => Score(prediction, targets, objective, rows), all, targets, options ?? new BootstrapOptions());
    }

    /// <summary>Interval of <paramref name="better"/>'s score less <paramref name="other"/>'s, on the same resamples for both.</summary>
    /// <exception cref="ArgumentException">The numbers of rows differ, or the options are out of range.</exception>
    public static Interval Difference(EnsemblePrediction better, EnsemblePrediction other, int[] targets, Objective objective = Objective.Accuracy, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(better);
        ArgumentNullException.ThrowIfNull(other);
        if (better.Rows != other.Rows)
        {
            throw new ArgumentException($"There are {better.Rows} and {other.Rows} rows.", nameof(other));
        }

        var all = AllRows(better.Rows);
        return BootstrapInterval(
            better.Rows, rows => Score(better, targets, objective, rows) - Score(other, targets, objective, rows), all, targets, options ?? new BootstrapOptions());
    }

    /// <summary>The smallest ensemble, of the best of each size, that the winner does not beat beyond noise; null where it beats all smaller ones.</summary>
    /// <param name="set">The models that were searched.</param>
    /// <param name="scores">Their subsets' scores for <paramref name="objective"/>.</param>
    /// <param name="objective">What was searched for.</param>
    /// <param name="options">The bootstrap.</param>
    /// <returns>The subset and the winner's lead over it, whose interval holds 0 or less.</returns>
    public static (int Subset, Interval Lead)? SmallerWithinNoise(LogitsSet set, SubsetScores scores, Objective objective = Objective.Accuracy, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(scores);
        var targets = set.RequireTargets();
        var members = SubsetScores.MembersOf(scores.Best);
        var winner = Combine.SoftVote(set.WithMembers(members));
        for (var size = 1; size < members.Length; size++)
        {
            var subset = scores.BestOf(size);
            var lead = Difference(winner, Combine.SoftVote(set.WithMembers(SubsetScores.MembersOf(subset))), targets, objective, options);
            if (lead.Low <= 0)
            {
                return (subset, lead);
            }
        }

        return null;
    }

    /// <summary>
    /// The score of a search on rows that it did not see: rows are dealt into folds, class by class; for each fold the search runs on the others
    /// and its weights vote on the fold; the votes of all folds together are scored.
    /// </summary>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="search">From rows to one weight a model, such as a greedy path's counts.</param>
    /// <param name="objective">What is scored.</param>
    /// <param name="folds">Folds, at least 2.</param>
    /// <param name="seed">Seed of the dealing.</param>
    /// <exception cref="RefusalException">There are fewer rows than folds, or a row has no target.</exception>
    public static double HeldOutScore(LogitsSet set, Func<LogitsSet, IReadOnlyList<double>> search, Objective objective = Objective.Accuracy, int folds = 5, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(search);
        var vote = HeldOutPrediction(set, rest =>
        {
            var weights = search(rest);
            return held => Combine.SoftVote(held, weights);
        }, folds, seed);
        return Score(vote, set.RequireTargets(), objective);
    }

    /// <summary>
    /// The vote on rows that were not seen: rows are dealt into folds, class by class; for each fold everything is fitted on the others
    /// (temperatures, members, weights, whatever <paramref name="fit"/> does) and votes on the fold.
    /// </summary>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="fit">From the rows that may be seen to a vote on others.</param>
    /// <param name="folds">Folds, at least 2.</param>
    /// <param name="seed">Seed of the dealing.</param>
    /// <returns>One vote a row of the set, in its order.</returns>
    /// <exception cref="RefusalException">There are fewer rows than folds, or a row has no target.</exception>
    public static EnsemblePrediction HeldOutPrediction(LogitsSet set, Func<LogitsSet, Func<LogitsSet, EnsemblePrediction>> fit, int folds = 5, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(fit);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        if (set.Rows < folds)
        {
            throw new RefusalException($"There are {set.Rows} rows for {folds} folds, expected at least one row a fold; use fewer folds.");
        }

        var targets = set.RequireTargets();
        var order = AllRows(set.Rows);
        KeyedRandom.For(seed, 0, 0, "held-out").Shuffle<int>(order);
        int[] dealt = [.. order.OrderBy(row => targets[row])];
        var probabilities = new double[set.Rows * set.Classes];
        var predictions = new int[set.Rows];
        for (var fold = 0; fold < folds; fold++)
        {
            int[] held = [.. dealt.Where((_, i) => i % folds == fold).Order()];
            int[] rest = [.. dealt.Where((_, i) => i % folds != fold).Order()];
            // What a fold takes is given back after it.
            using var room = set.Arena.CreateChild();
            var vote = fit(set.WithRows(rest, room))(set.WithRows(held, room));
            for (var i = 0; i < held.Length; i++)
            {
                vote.Row(i).CopyTo(probabilities.AsSpan(held[i] * set.Classes));
                predictions[held[i]] = vote.Predictions[i];
            }
        }

        return new EnsemblePrediction(set.Classes, probabilities, predictions);
    }

    /// <summary>The score of a vote; more is better.</summary>
    /// <exception cref="ArgumentException">The numbers of rows differ or are 0.</exception>
    public static double Score(EnsemblePrediction prediction, int[] targets, Objective objective)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(targets);
        return prediction.Rows == targets.Length && prediction.Rows > 0
            ? Score(prediction, targets, objective, AllRows(prediction.Rows))
            : throw new ArgumentException($"There are {prediction.Rows} rows and {targets.Length} targets.", nameof(targets));
    }

    /// <summary>The score of some rows of a vote; more is better.</summary>
    private static double Score(EnsemblePrediction vote, int[] targets, Objective aim, int[] rows)
    {
        if (aim == Objective.MacroF1)
        {
            return ClassificationMetrics.MacroF1([.. rows.Select(r => vote.Predictions[r])], [.. rows.Select(r => targets[r])], vote.Classes);
        }

        var total = 0.0;
        foreach (var row in rows)
        {
            total += aim == Objective.Accuracy
                ? vote.Predictions[row] == targets[row] ? 1 : 0
                : Math.Log(Math.Max(vote.Row(row)[targets[row]], Softmax.SmallestProbability));
        }

        return total / rows.Length;
    }

    private static Interval BootstrapInterval(int count, Func<int[], double> score, int[] all, int[] targets, BootstrapOptions options)
    {
        if (targets.Length != count || count == 0 || options.Resamples < 1 || options.Level is not (> 0 and < 1))
        {
            throw new ArgumentException(
                $"There are {count} rows, {targets.Length} targets, {options.Resamples} resamples and the level {options.Level}, expected as many targets as rows, at least 1, and a level between 0 and 1.",
                nameof(targets));
        }

        var scores = new double[options.Resamples];
        Parallel.For(0, scores.Length, i =>
        {
            var chance = KeyedRandom.For(options.Seed, 0, i, "bootstrap");
            var rows = new int[count];
            foreach (ref var row in rows.AsSpan())
            {
                row = chance.NextInteger(0, count);
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
