using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Selection;

public static partial class Search
{
    /// <summary>Starts from the best single model and adds the model that improves the score most, as long as one does.</summary>
    public static SearchPath Forward(LogitsSet set, Objective objective = Objective.Accuracy) => Stepwise(set, [], SearchMoves.Add, objective);

    /// <summary>Starts from all models and removes the one whose removal is best, as long as the score does not fall.</summary>
    public static SearchPath Backward(LogitsSet set, Objective objective = Objective.Accuracy)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Stepwise(set, [.. Enumerable.Range(0, set.Members.Length)], SearchMoves.Remove, objective);
    }

    /// <summary>Makes the best single change at each step until none improves the score. Members have equal weights.</summary>
    /// <remarks>
    /// A removal may keep the score (a smaller ensemble with the same score is better); every other change must raise it, so that the search ends.
    /// </remarks>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="start">Positions of the initial members; if empty, the best single model.</param>
    /// <param name="moves">Allowed changes.</param>
    /// <param name="objective">Objective.</param>
    /// <exception cref="ArgumentException">A start position occurs twice or is out of range.</exception>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public static SearchPath Stepwise(
        LogitsSet set, IReadOnlyList<int> start, SearchMoves moves = SearchMoves.Add | SearchMoves.Remove | SearchMoves.Swap,
        Objective objective = Objective.Accuracy)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(start);
        if (start.Distinct().Count() != start.Count || start.Any(m => m < 0 || m >= set.Members.Length))
        {
            throw new ArgumentException(
                $"The start is {string.Join(", ", start)}, expected positions from 0 to {set.Members.Length - 1}, each once.", nameof(start));
        }

        var table = new ProbabilityTable(set);
        var sums = table.EmptySums();
        var inside = new SortedSet<int>(start);
        var steps = ImmutableArray.CreateBuilder<SearchStep>();
        double score;
        if (start.Count == 0)
        {
            var first = BestChange(table, sums, 1, [.. Enumerable.Range(0, table.Models).Select(m => (m, -1))], objective);
            Take(first);
            score = first.Score;
        }
        else
        {
            foreach (var model in start)
            {
                table.AddTo(sums, model, 1);
            }

            score = table.Score(sums, inside.Count, -1, -1, objective);
        }

        while (true)
        {
            int[] outside = [.. Enumerable.Range(0, table.Models).Where(m => !inside.Contains(m))];
            SearchStep? best = null;
            void Consider(SearchMoves move, int members, IEnumerable<(int, int)> changes)
            {
                (int, int)[] all = moves.HasFlag(move) ? [.. changes] : [];
                if (all.Length > 0)
                {
                    var step = BestChange(table, sums, members, all, objective);
                    var helps = step.Score > score || (move == SearchMoves.Remove && step.Score >= score);
                    // Removals are considered first, so that the smaller ensemble wins ties.
                    best = helps && (best is null || step.Score > best.Score) ? step : best;
                }
            }

            Consider(SearchMoves.Remove, inside.Count - 1, inside.Count == 1 ? [] : inside.Select(m => (-1, m)));
            Consider(SearchMoves.Swap, inside.Count, outside.SelectMany(o => inside.Select(i => (o, i))));
            Consider(SearchMoves.Add, inside.Count + 1, outside.Select(o => (o, -1)));
            if (best is null)
            {
                return new SearchPath(steps.ToImmutable(), [.. Enumerable.Range(0, table.Models).Select(m => inside.Contains(m) ? 1 : 0)], score);
            }

            Take(best);
            score = best.Score;
        }

        void Take(SearchStep step)
        {
            if (step.Added >= 0)
            {
                table.AddTo(sums, step.Added, 1);
                inside.Add(step.Added);
            }

            if (step.Removed >= 0)
            {
                table.AddTo(sums, step.Removed, -1);
                inside.Remove(step.Removed);
            }

            steps.Add(step);
        }
    }

    /// <summary>
    /// Finds the smallest ensemble, among the best of each size, that the winner does not exceed beyond noise; null if it exceeds all smaller ones.
    /// </summary>
    /// <param name="set">The models that were searched.</param>
    /// <param name="scores">Scores of their subsets for <paramref name="objective"/>.</param>
    /// <param name="objective">Objective of the search.</param>
    /// <param name="options">Settings of the bootstrap.</param>
    /// <returns>The subset and the winner's lead over it, whose interval includes 0.</returns>
    public static (int Subset, Interval Lead)? SmallerWithinNoise(
        LogitsSet set, SubsetScores scores, Objective objective = Objective.Accuracy, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(scores);
        var targets = set.RequireTargets();
        var members = SubsetScores.MembersOf(scores.Best);
        var winner = Combine.SoftVote(set.WithMembers(members));
        for (var size = 1; size < members.Length; size++)
        {
            var subset = scores.BestOf(size);
            var lead = Resampling.Difference(winner, Combine.SoftVote(set.WithMembers(SubsetScores.MembersOf(subset))), targets, objective, options);
            if (lead.Low <= 0)
            {
                return (subset, lead);
            }
        }

        return null;
    }

    /// <summary>Orders the members of an ensemble by gain: the best single model first, then always the member that adds most.</summary>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="members">Positions of the ensemble's models, each once.</param>
    /// <param name="objective">Objective.</param>
    /// <returns>One step per member; gains are differences of scores and may be negative.</returns>
    /// <exception cref="ArgumentException">There are no members, or one occurs twice.</exception>
    public static ImmutableArray<SearchStep> OrderByGain(LogitsSet set, IReadOnlyList<int> members, Objective objective = Objective.Accuracy)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(members);
        if (members.Count == 0 || members.Distinct().Count() != members.Count)
        {
            throw new ArgumentException($"The members are {string.Join(", ", members)}, expected at least one model, each once.", nameof(members));
        }

        var table = new ProbabilityTable(set);
        var sums = table.EmptySums();
        var left = new SortedSet<int>(members);
        var steps = ImmutableArray.CreateBuilder<SearchStep>(members.Count);
        while (left.Count > 0)
        {
            var step = BestChange(table, sums, steps.Count + 1, [.. left.Select(m => (m, -1))], objective);
            table.AddTo(sums, step.Added, 1);
            left.Remove(step.Added);
            steps.Add(step);
        }

        return steps.MoveToImmutable();
    }
}
