using System.Numerics;

namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Scores of all subsets of the models.</summary>
/// <param name="Models">Number of models; model m is bit m of a subset number.</param>
/// <param name="Scores">One score per subset number; higher is better. Entry 0, the empty subset, is NaN.</param>
public sealed record SubsetScores(int Models, double[] Scores)
{
    /// <summary>The best subset; ties go to fewer models, then to the lower number.</summary>
    public int Best => BestWhere(_ => true);

    /// <summary>Returns the best subset of exactly <paramref name="size"/> models.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no subset of that size.</exception>
    public int BestOf(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Models);
        return BestWhere(s => BitOperations.PopCount((uint)s) == size);
    }

    /// <summary>Returns the positions of a subset's models, ascending.</summary>
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
