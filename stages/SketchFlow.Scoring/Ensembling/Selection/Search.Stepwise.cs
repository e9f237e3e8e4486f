using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Selection;

public static partial class Search
{
    /// <summary>From the best single model, adds the model that helps most while one helps.</summary>
    public static SearchPath Forward(LogitsSet set, Objective objective = Objective.Accuracy) => Stepwise(set, [], SearchMoves.Add, objective);

    /// <summary>From all models, takes off the model whose going helps most, while it helps or costs nothing.</summary>
    public static SearchPath Backward(LogitsSet set, Objective objective = Objective.Accuracy)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Stepwise(set, [.. Enumerable.Range(0, set.Members.Length)], SearchMoves.Remove, objective);
    }

    /// <summary>Changes one thing at a time, always the best change there is, until none helps. Models are in or out, with equal weights.</summary>
    /// <remarks>A removal may leave the score as it is (a smaller ensemble of the same score is better); every other move must raise it, so the search ends.</remarks>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="start">Positions of the models to start from; empty starts from the best single model.</param>
    /// <param name="moves">The changes allowed.</param>
    /// <param name="objective">What is scored.</param>
    /// <exception cref="ArgumentException">A start occurs twice or is no model.</exception>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public static SearchPath Stepwise(
        LogitsSet set, IReadOnlyList<int> start, SearchMoves moves = SearchMoves.Add | SearchMoves.Remove | SearchMoves.Swap, Objective objective = Objective.Accuracy)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(start);
        if (start.Distinct().Count() != start.Count || start.Any(m => m < 0 || m >= set.Members.Length))
        {
            throw new ArgumentException($"The start {string.Join(", ", start)} does not name models of 0 to {set.Members.Length - 1}, each once.", nameof(start));
        }

        var ballots = new ProbabilityTable(set);
        var sums = ballots.EmptySums();
        var inside = new SortedSet<int>(start);
        var steps = ImmutableArray.CreateBuilder<SearchStep>();
        double score;
        if (start.Count == 0)
        {
            var first = BestChange(ballots, sums, 1, [.. Enumerable.Range(0, ballots.Models).Select(m => (m, -1))], objective);
            Take(first);
            score = first.Score;
        }
        else
        {
            foreach (var model in start)
            {
                ballots.AddTo(sums, model, 1);
            }

            score = ballots.Score(sums, inside.Count, -1, -1, objective);
        }

        while (true)
        {
            int[] outside = [.. Enumerable.Range(0, ballots.Models).Where(m => !inside.Contains(m))];
            SearchStep? best = null;
            void Consider(SearchMoves move, int members, IEnumerable<(int, int)> changes)
            {
                (int, int)[] all = moves.HasFlag(move) ? [.. changes] : [];
                if (all.Length > 0)
                {
                    var step = BestChange(ballots, sums, members, all, objective);
                    var helps = step.Score > score || (move == SearchMoves.Remove && step.Score >= score);
                    // Removals are considered first, so of equals the smaller ensemble is kept.
                    best = helps && (best is null || step.Score > best.Score) ? step : best;
                }
            }

            Consider(SearchMoves.Remove, inside.Count - 1, inside.Count == 1 ? [] : inside.Select(m => (-1, m)));
            Consider(SearchMoves.Swap, inside.Count, outside.SelectMany(o => inside.Select(i => (o, i))));
            Consider(SearchMoves.Add, inside.Count + 1, outside.Select(o => (o, -1)));
            if (best is null)
            {
                return new SearchPath(steps.ToImmutable(), [.. Enumerable.Range(0, ballots.Models).Select(m => inside.Contains(m) ? 1 : 0)], score);
            }

            Take(best);
            score = best.Score;
        }

        void Take(SearchStep step)
        {
            if (step.Added >= 0)
            {
                ballots.AddTo(sums, step.Added, 1);
                inside.Add(step.Added);
            }

            if (step.Removed >= 0)
            {
                ballots.AddTo(sums, step.Removed, -1);
                inside.Remove(step.Removed);
            }

            steps.Add(step);
        }
    }

    /// <summary>The ladder of an ensemble: its best single model, then each further member in the order of the most gain, to the whole.</summary>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="members">Positions of the ensemble's models, each once.</param>
    /// <param name="objective">What is scored.</param>
    /// <returns>One step a member; gains are the differences of scores, and may be negative on the way.</returns>
    /// <exception cref="ArgumentException">There are no members, or one occurs twice.</exception>
    public static ImmutableArray<SearchStep> OrderByGain(LogitsSet set, IReadOnlyList<int> members, Objective objective = Objective.Accuracy)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(members);
        if (members.Count == 0 || members.Distinct().Count() != members.Count)
        {
            throw new ArgumentException($"The members {string.Join(", ", members)} are not at least one model, each once.", nameof(members));
        }

        var ballots = new ProbabilityTable(set);
        var sums = ballots.EmptySums();
        var left = new SortedSet<int>(members);
        var steps = ImmutableArray.CreateBuilder<SearchStep>(members.Count);
        while (left.Count > 0)
        {
            var step = BestChange(ballots, sums, steps.Count + 1, [.. left.Select(m => (m, -1))], objective);
            ballots.AddTo(sums, step.Added, 1);
            left.Remove(step.Added);
            steps.Add(step);
        }

        return steps.MoveToImmutable();
    }
}
