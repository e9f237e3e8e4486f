using System.Collections.Immutable;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Measures other ways of combining all models, as far as a budget allows.</summary>
internal static class EnsembleCandidates
{
    // Estimated from the number of passes of a fit over rows × classes × models, a few nanoseconds each on two cores.
    private const double SecondsPerNumber = 4e-9;

    /// <summary>Fits and scores every way that the budget allows.</summary>
    /// <param name="set">Validation logits of all models.</param>
    /// <param name="heldOut">Whether there are enough rows for cross-validated scores.</param>
    /// <param name="options">Options of the chosen ensemble; <see cref="EnsembleOptions.Seconds"/> is the budget.</param>
    /// <returns>The candidates, best first, and the names of those that would exceed the budget.</returns>
    public static (ImmutableArray<Candidate> Candidates, ImmutableArray<string> Skipped) Evaluate(LogitsSet set, bool heldOut, EnsembleOptions options)
    {
        var targets = set.RequireTargets();
        var (candidates, skipped) = (new List<Candidate>(), new List<string>());
        var left = options.Seconds;
        foreach (var (name, own, numbers) in Combinations(set, options))
        {
            if (numbers * SecondsPerNumber > left)
            {
                skipped.Add(name);
                continue;
            }

            left -= numbers * SecondsPerNumber;
            var search = EnsembleSearch.For(set.Members.Length, set.Rows, own);
            var fitted = search.Fit(set).Predict();
            var unseen = heldOut ? Resampling.HeldOutPrediction(set, rest => search.Fit(rest).Combination.Apply) : null;
            candidates.Add(new Candidate(
                name,
                Resampling.Score(fitted, targets, options.Objective),
                unseen is null ? null : Resampling.Bootstrap(unseen, targets, options.Objective),
                -Resampling.Score(unseen ?? fitted, targets, Objective.LogLoss)));
        }

        return ([.. candidates.OrderByDescending(r => r.HeldOut?.Score ?? r.FittedScore).ThenBy(r => r.LogLoss)], [.. skipped]);
    }

    /// <summary>Lists the ways with their options and the estimated number of values that a fit and its cross-validation process.</summary>
    private static (string Name, EnsembleOptions Options, double Numbers)[] Combinations(LogitsSet set, EnsembleOptions options)
    {
        var all = options with { Method = EnsembleMethod.All, Weights = EnsembleWeights.Searched };
        var searched = options with { Combine = CombineRule.Soft, Weights = EnsembleWeights.Searched };
        double numbers = (double)set.Rows * set.Classes * set.Members.Length;
        var form = Stacking.ResolveForm(set.Rows, set.Members.Length, set.Classes, StackForm.Auto);
        // One fit and five more; in each, a stack is fitted 26 times for its strengths and folds.
        var stacking = 6 * 26 * 60 * (form == StackForm.Full ? numbers * set.Classes / 4 : numbers);
        return
        [
            ("mean of probabilities", all with { Combine = CombineRule.Soft }, 30 * numbers),
            ("mean of logits", all with { Combine = CombineRule.Logits }, 30 * numbers),
            ("rank average", all with { Combine = CombineRule.Rank }, 60 * numbers),
            ("majority vote", all with { Combine = CombineRule.Hard }, 30 * numbers),
            ("mean of probabilities, weights minimising log-loss", all with { Weights = EnsembleWeights.LogLoss }, 60 * numbers),
            ("mean of probabilities, least-squares weights", all with { Weights = EnsembleWeights.LeastSquares }, 6 * numbers * set.Members.Length),
            ("mean of probabilities, greedy selection", searched with { Method = EnsembleMethod.Greedy }, 6.0 * EnsembleSearch.GreedyRounds * numbers),
            ("mean of probabilities, bagged selection", searched with { Method = EnsembleMethod.Bagged }, 6.0 * 200 * numbers),
            ("mean of logits, weights minimising log-loss", all with { Combine = CombineRule.Logits, Weights = EnsembleWeights.LogLoss }, 6 * 200 * numbers),
            ("weights per class", all with { Combine = CombineRule.PerClass }, 6 * 400 * numbers),
            ("stacking", all with { Combine = CombineRule.Stacked }, stacking),
        ];
    }
}
