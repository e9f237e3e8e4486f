namespace SketchFlow.Scoring.Metrics;

/// <summary>Orders the classes of a confusion matrix so that those that are confused with each other are neighbours.</summary>
/// <remarks>
/// Average linkage (Sokal and Michener 1958) by chains of nearest neighbours (Murtagh 1983), O(n²) time and memory. Each joined pair of groups is turned
/// so that its two inner ends are the most similar ones, as in Gruvaeus and Wainer (1972). Classes of groups without any confusion between them never mix.
/// </remarks>
public static class ConfusionOrder
{
    /// <summary>Computes the order from the mean of the two shares in which two classes are predicted as each other.</summary>
    /// <param name="confusion">Number of rows by target (first index) and prediction (second), classes × classes.</param>
    /// <returns>Class numbers from first to last; the same matrix gives the same order, and the lowest class number wins a tie.</returns>
    /// <exception cref="ArgumentException">The matrix is not square.</exception>
    public static int[] BySimilarity(int[,] confusion)
    {
        ArgumentNullException.ThrowIfNull(confusion);
        var classes = confusion.GetLength(0);
        if (confusion.GetLength(1) != classes)
        {
            throw new ArgumentException(
                $"expected a square matrix, got {classes} × {confusion.GetLength(1)}; count targets by predictions.", nameof(confusion));
        }

        var similarity = Similarities(confusion, classes);
        var linked = (double[,])similarity.Clone();
        var groups = Enumerable.Range(0, classes).Select(c => (List<int>?)[c]).ToArray();
        var chain = new List<int>();
        for (var left = classes; left > 1;)
        {
            if (chain.Count == 0)
            {
                chain.Add(Array.FindIndex(groups, g => g is not null));
            }

            var last = chain[^1];
            var nearest = Nearest(linked, groups, last, chain.Count > 1 ? chain[^2] : -1);
            if (chain.Count == 1 || nearest != chain[^2])
            {
                chain.Add(nearest);
                continue;
            }

            chain.RemoveRange(chain.Count - 2, 2);
            Join(similarity, linked, groups, Math.Min(last, nearest), Math.Max(last, nearest));
            left--;
        }

        return classes == 0 ? [] : [.. groups.First(g => g is not null)!];
    }

    private static double[,] Similarities(int[,] confusion, int classes)
    {
        var rows = new double[classes];
        for (var t = 0; t < classes; t++)
        {
            for (var p = 0; p < classes; p++)
            {
                rows[t] += confusion[t, p];
            }
        }

        var similarity = new double[classes, classes];
        for (var a = 0; a < classes; a++)
        {
            for (var b = 0; b < a; b++)
            {
                similarity[a, b] = similarity[b, a] = (Share(a, b) + Share(b, a)) / 2;
            }
        }

        return similarity;

        double Share(int target, int prediction) => rows[target] > 0 ? confusion[target, prediction] / rows[target] : 0;
    }

    // The previous group of the chain wins a tie, so that the chain ends.
    private static int Nearest(double[,] linked, List<int>?[] groups, int from, int previous)
    {
        var best = previous;
        for (var other = 0; other < groups.Length; other++)
        {
            if (other != from && groups[other] is not null && (best < 0 || linked[from, other] > linked[from, best]))
            {
                best = other;
            }
        }

        return best;
    }

    private static void Join(double[,] similarity, double[,] linked, List<int>?[] groups, int first, int second)
    {
        var (a, b) = (groups[first]!, groups[second]!);
        for (var other = 0; other < groups.Length; other++)
        {
            if (groups[other] is not null && other != first && other != second)
            {
                linked[first, other] = linked[other, first] =
                    ((a.Count * linked[first, other]) + (b.Count * linked[second, other])) / (a.Count + b.Count);
            }
        }

        // The first of equal ways is taken: neither group is turned if nothing speaks for it.
        var ways = ((bool TurnFirst, bool TurnSecond)[])[(false, false), (true, false), (false, true), (true, true)];
        var (turnFirst, turnSecond) = ways.MaxBy(t => similarity[t.TurnFirst ? a[0] : a[^1], t.TurnSecond ? b[^1] : b[0]]);
        if (turnFirst)
        {
            a.Reverse();
        }

        if (turnSecond)
        {
            b.Reverse();
        }

        a.AddRange(b);
        groups[second] = null;
    }
}
