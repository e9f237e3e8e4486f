using System.Numerics;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>The score of every subset of some models.</summary>
/// <param name="Models">Number of models; model m is bit m of a subset.</param>
/// <param name="Scores">One a subset, by its bits; more is better. Entry 0, the empty subset, is NaN.</param>
public sealed record SubsetScores(int Models, double[] Scores)
{
    /// <summary>The best subset: of equals, the one of fewest models, then of the lowest number.</summary>
    public int Best => BestWhere(_ => true);

    /// <summary>The best subset of exactly <paramref name="size"/> models.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no subset of that size.</exception>
    public int BestOf(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Models);
        return BestWhere(s => BitOperations.PopCount((uint)s) == size);
    }

    /// <summary>Positions of the models of a subset, ascending.</summary>
    public static int[] MembersOf(int subset) => [.. Enumerable.Range(0, 31).Where(m => (subset >> m & 1) != 0)];

    private int BestWhere(Func<int, bool> eligible)
    {
        var best = 0;
        for (var s = 1; s < Scores.Length; s++)
        {
            if (eligible(s) && (best == 0 || Scores[s] > Scores[best]
                || (Scores[s] == Scores[best] && BitOperations.PopCount((uint)s) < BitOperations.PopCount((uint)best))))
            {
                best = s;
            }
        }

        return best;
    }
}
