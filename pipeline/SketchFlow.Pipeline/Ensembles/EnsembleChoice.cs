using System.Collections.Immutable;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>The way of choosing and combining members that is written, with the others that were measured.</summary>
/// <param name="Search">The way.</param>
/// <param name="HeldOut">The held-out score of this way; null if there are too few rows, or nothing is fitted and nothing compared.</param>
/// <param name="Candidates">All measured ways, best held-out score first.</param>
/// <param name="Skipped">Ways that would exceed the budget.</param>
/// <param name="Notes">Reasons of the choice, in whole sentences.</param>
internal sealed record EnsembleChoice(
    EnsembleSearch Search, Interval? HeldOut, ImmutableArray<Candidate> Candidates, ImmutableArray<SkippedCandidate> Skipped, ImmutableArray<string> Notes)
{
    // Held-out estimates from fewer rows mean nothing.
    private const int FewestRowsHeldOut = 50;

    /// <summary>
    /// Chooses the way with the best held-out score among all that are measured, unless the options request one; with too few rows for held-out scores the
    /// unweighted mean of all members.
    /// </summary>
    /// <remarks>
    /// Scores are compared as they are, without preferring a simpler way within noise; equal scores are decided by the held-out log-loss. The best of several
    /// estimates is optimistic by the choice itself.
    /// </remarks>
    /// <param name="set">Validation logits of all models.</param>
    /// <param name="options">Settings of the search.</param>
    /// <param name="progress">Opens progress displays; null shows none.</param>
    public static EnsembleChoice Choose(LogitsSet set, EnsembleOptions options, ProgressBarFactory? progress = null)
    {
        var enough = set.Rows >= FewestRowsHeldOut;
        var notes = new List<string>();
        if (!enough && !options.IsChosenByUser && set.Members.Length > 1)
        {
            options = options with
            {
                Method = EnsembleMethod.All,
                Combine = Scoring.Ensembling.Combining.CombineRule.Soft,
                Weights = EnsembleWeights.Searched,
                Calibrate = false,
            };
            notes.Add(
                $"{set.Rows} validation rows are too few for a held-out estimate (at least {FewestRowsHeldOut}), so the unweighted mean of all members, "
                + "without calibration, is written.");
        }

        var own = EnsembleSearch.For(set.Members.Length, set.Rows, options);
        if (set.Members.Length == 1)
        {
            return new EnsembleChoice(own, null, [], [], [.. notes]);
        }

        if (!options.Compare)
        {
            var unseen = enough && !own.IsPlain ? Resampling.HeldOutPrediction(set, rest => own.Fit(rest).Combination.Apply) : null;
            var estimate = unseen is null ? null : Resampling.Bootstrap(unseen, set.RequireTargets(), options.Objective);
            return new EnsembleChoice(own, estimate, [], [], [.. notes]);
        }

        var (candidates, asked, skipped) = EnsembleCandidates.Measure(set, enough, options, progress ?? NoProgress.Factory);
        var chosen = enough && !options.IsChosenByUser ? candidates[0] : asked;
        if (chosen.HeldOut is { } got && candidates[0] is { HeldOut: { } best } first && best.Score > got.Score)
        {
            notes.Add(
                $"{first.Name} has the better held-out estimate ({ScoreText.Of(options.Objective, best.Score)} against "
                + $"{ScoreText.Of(options.Objective, got.Score)}) than the requested one; it is made by {first.Options.Command}");
        }

        return new EnsembleChoice(
            chosen == asked ? own : EnsembleSearch.For(set.Members.Length, set.Rows, chosen.Options),
            chosen.HeldOut,
            [.. candidates.Select(c => c with { IsChosen = c == chosen })],
            skipped,
            [.. notes]);
    }
}
