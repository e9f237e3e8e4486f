using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Selection;

public static partial class Search
{
    /// <summary>
    /// Climbs over weights that are numbers of equal parts: the shift of parts from one model to another that improves the score most is made, as long as one
    /// improves it; first with large shifts, then with half of them, down to one part.
    /// </summary>
    /// <remarks>Sums are exact, so that the result is never below the start and does not depend on the order of models or on threads.</remarks>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="start">Initial parts of each model, none negative, such as a greedy path's counts; null means equal parts.</param>
    /// <param name="objective">Objective.</param>
    /// <param name="parts">Least total number of parts: the start is multiplied until it has as many.</param>
    /// <exception cref="ArgumentException">The start is not one number per model, or all are 0.</exception>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public static HillClimbResult HillClimb(LogitsSet set, IReadOnlyList<int>? start = null, Objective objective = Objective.Accuracy, int parts = 64)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parts, 4096);
        start ??= [.. Enumerable.Repeat(1, set.Members.Length)];
        var given = start.Sum();
        if (start.Count != set.Members.Length || start.Any(p => p < 0) || given is 0 or > 4096)
        {
            throw new ArgumentException(
                $"The start is {string.Join(", ", start)}, expected {set.Members.Length} numbers of parts, 0 or more and not all 0.", nameof(start));
        }

        var table = new ProbabilityTable(set);
        var times = (parts + given - 1) / given;
        int[] own = [.. start.Select(p => p * times)];
        var total = own.Sum();
        var sums = table.EmptySums();
        for (var m = 0; m < own.Length; m++)
        {
            table.AddTo(sums, m, own[m]);
        }

        var score = table.Score(sums, total, -1, -1, objective);
        var moves = ImmutableArray.CreateBuilder<(int, int, int, double)>();
        for (var shift = Math.Max(1, total / 4); shift >= 1; shift /= 2)
        {
            while (true)
            {
                (int, int)[] changes =
                [
                    .. from to in Enumerable.Range(0, own.Length)
                       from source in Enumerable.Range(0, own.Length)
                       where to != source && own[source] >= shift
                       select (to, source),
                ];
                if (changes.Length == 0)
                {
                    break;
                }

                var best = BestChange(table, sums, total, changes, objective, times: shift);
                if (!(best.Score > score))
                {
                    break;
                }

                table.AddTo(sums, best.Added, shift);
                table.AddTo(sums, best.Removed, -shift);
                own[best.Added] += shift;
                own[best.Removed] -= shift;
                score = best.Score;
                moves.Add((best.Removed, best.Added, shift, score));
            }
        }

        return new HillClimbResult(moves.ToImmutable(), [.. own], score);
    }
}
