using System.Collections.Immutable;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>All models combined in every way that a budget allows, beside the ensemble that was chosen.</summary>
internal static class EnsembleCandidates
{
    // Reckoned from the passes that a fit takes over rows x classes x models, a few nanoseconds each on two cores.
    private const double SecondsPerNumber = 4e-9;

    /// <summary>Measures them.</summary>
    /// <param name="set">Validation logits of all models.</param>
    /// <param name="heldOut">Whether there are rows enough to judge each on rows that it did not see.</param>
    /// <param name="options">The options of the ensemble that they stand beside; its seconds are the budget.</param>
    /// <returns>The ways, best first, and the names of those that the budget left out.</returns>
    public static (ImmutableArray<Candidate> Rivals, ImmutableArray<string> LeftOut) Evaluate(LogitsSet set, bool heldOut, EnsembleOptions options)
    {
        var targets = set.RequireTargets();
        var all = options with { Method = EnsembleMethod.All, Weights = EnsembleWeights.Searched };
        double numbers = (double)set.Rows * set.Classes * set.Members.Length;
        var form = Stacking.ResolveForm(set.Rows, set.Members.Length, set.Classes, StackForm.Auto);
        // A fit and five more; a stack is fitted 26 times in each, for its strengths and folds.
        var stack = 6 * 26 * 60 * (form == StackForm.Full ? numbers * set.Classes / 4 : numbers);
        (string Name, EnsembleOptions Options, double Passes)[] ways =
        [
            ("soft vote of all", all with { Combine = CombineRule.Soft }, 30 * numbers),
            ("vote on logits of all", all with { Combine = CombineRule.Logits }, 30 * numbers),
            ("rank average of all", all with { Combine = CombineRule.Rank }, 60 * numbers),
            ("hard vote of all", all with { Combine = CombineRule.Hard }, 30 * numbers),
            ("soft vote, weights of least log-loss", all with { Weights = EnsembleWeights.LogLoss }, 60 * numbers),
            ("soft vote, weights by least squares", all with { Weights = EnsembleWeights.LeastSquares }, 6 * numbers * set.Members.Length),
            ("soft vote, greedy selection", options with { Method = EnsembleMethod.Greedy, Combine = CombineRule.Soft, Weights = EnsembleWeights.Searched }, 6.0 * EnsembleSearch.GreedyRounds * numbers),
            ("soft vote, bagged selection", options with { Method = EnsembleMethod.Bagged, Combine = CombineRule.Soft, Weights = EnsembleWeights.Searched }, 6.0 * 200 * numbers),
            ("vote on logits, weights of least log-loss", all with { Combine = CombineRule.Logits, Weights = EnsembleWeights.LogLoss }, 6 * 200 * numbers),
            ("weights by class", all with { Combine = CombineRule.PerClass }, 6 * 400 * numbers),
            ("stacked", all with { Combine = CombineRule.Stacked }, stack),
        ];
        var (rivals, leftOut) = (new List<Candidate>(), new List<string>());
        var left = options.Seconds;
        foreach (var (name, own, passes) in ways)
        {
            if (passes * SecondsPerNumber > left)
            {
                leftOut.Add(name);
                continue;
            }

            left -= passes * SecondsPerNumber;
            var search = EnsembleSearch.For(set.Members.Length, set.Rows, own);
            var seen = search.Fit(set).Combination.Apply(set);
            var unseen = heldOut ? Resampling.HeldOutPrediction(set, rest => search.Fit(rest).Combination.Apply) : null;
            rivals.Add(new Candidate(
                name,
                Resampling.Score(seen, targets, options.Objective),
                unseen is null ? null : Resampling.Bootstrap(unseen, targets, options.Objective),
                -Resampling.Score(unseen ?? seen, targets, Objective.LogLoss)));
        }

        return ([.. rivals.OrderByDescending(r => r.HeldOut?.Score ?? r.FittedScore).ThenBy(r => r.LogLoss)], [.. leftOut]);
    }
}
