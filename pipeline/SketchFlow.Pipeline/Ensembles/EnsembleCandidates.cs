using System.Collections.Immutable;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Measures ways of choosing and combining the models, as far as a budget allows.</summary>
internal static class EnsembleCandidates
{
    // Estimated from the number of passes of a fit over rows × classes × models, a few nanoseconds each on two cores.
    private const double SecondsPerNumber = 4e-9;

    /// <summary>Fits and scores the way that the options state and, as far as the budget allows, all others.</summary>
    /// <param name="set">Validation logits of all models.</param>
    /// <param name="heldOut">Whether there are enough rows for cross-validated scores.</param>
    /// <param name="options">Options of one way; <see cref="EnsembleOptions.Seconds"/> is the budget of the others.</param>
    /// <param name="progress">Opens progress displays.</param>
    /// <returns>The candidates, best first, that of the options, and those that would exceed the budget.</returns>
    /// <remarks>Candidates with equal scores are ordered by log-loss, then simple ways before searches.</remarks>
    public static (ImmutableArray<Candidate> Candidates, Candidate Own, ImmutableArray<SkippedCandidate> Skipped) Measure(
        LogitsSet set, bool heldOut, EnsembleOptions options, ProgressBarFactory progress)
    {
        var search = EnsembleSearch.For(set.Members.Length, set.Rows, options);
        var combinations = Combinations(set, options);
        using var bar = progress("comparing", combinations.Length + 1, "combinations");
        bar.Report(0, $"now: {search.Describe()}");
        var own = Measure(set, search.Describe(), search, heldOut);
        var (candidates, skipped) = (new List<Candidate>(), new List<(string Name, double Seconds)>());
        var left = options.Seconds;
        foreach (var (name, other, numbers) in combinations)
        {
            bar.Report(1 + candidates.Count + skipped.Count, $"now: {name}");
            if (IsSame(other, own.Options))
            {
                candidates.Add(own);
            }
            else if (numbers * SecondsPerNumber > left)
            {
                skipped.Add((name, numbers * SecondsPerNumber));
            }
            else
            {
                left -= numbers * SecondsPerNumber;
                candidates.Add(Measure(set, name, EnsembleSearch.For(set.Members.Length, set.Rows, other), heldOut));
            }
        }

        var total = options.Seconds - left + skipped.Sum(s => s.Seconds);
        return (
            [.. (candidates.Contains(own) ? candidates : candidates.Append(own)).OrderByDescending(Score).ThenBy(c => c.LogLoss)],
            own,
            [.. skipped.Select(s => new SkippedCandidate(s.Name, s.Seconds, total, options.Seconds))]);
    }

    /// <summary>Returns the score by which candidates are compared: the held-out one, or that of the fitted rows if there are too few.</summary>
    public static double Score(Candidate candidate) => candidate.HeldOut?.Score ?? candidate.FittedScore;

    private static Candidate Measure(LogitsSet set, string name, EnsembleSearch search, bool heldOut)
    {
        var (targets, objective) = (set.RequireTargets(), search.Options.Objective);
        var fitted = search.Fit(set).Predict();
        var unseen = heldOut ? Resampling.HeldOutPrediction(set, rest => search.Fit(rest).Combination.Apply) : null;
        return new Candidate(
            name,
            search.Options,
            Resampling.Score(fitted, targets, objective),
            unseen is null ? null : Resampling.Bootstrap(unseen, targets, objective),
            -Resampling.Score(unseen ?? fitted, targets, Objective.LogLoss));
    }

    private static bool IsSame(EnsembleOptions a, EnsembleOptions b) => a.Method == b.Method && a.Combine == b.Combine
        && (a.Weights == b.Weights || a.Combine is CombineRule.PerClass or CombineRule.Stacked);

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
