namespace SketchFlow.Scoring.Metrics;

/// <summary>Two models, or all pairs of a set, side by side.</summary>
public static class ModelComparison
{
    /// <summary>
    /// McNemar's exact test (McNemar 1947): of the rows that one alone has right, either is as likely when the classifiers are equally good.
    /// The p-value is the binomial one, doubled and at most 1.
    /// </summary>
    /// <exception cref="ArgumentException">The numbers of rows differ or are 0.</exception>
    public static McNemarResult McNemarTest(ReadOnlySpan<int> first, ReadOnlySpan<int> second, ReadOnlySpan<int> targets)
    {
        Check(first, second, targets);
        var counts = new int[4];
        for (var i = 0; i < targets.Length; i++)
        {
            counts[(first[i] == targets[i] ? 0 : 2) + (second[i] == targets[i] ? 0 : 1)]++;
        }

        var (onlyFirst, onlySecond) = (counts[1], counts[2]);
        return new McNemarResult(counts[0], onlyFirst, onlySecond, counts[3], Math.Min(1, 2 * LowerTail(Math.Min(onlyFirst, onlySecond), onlyFirst + onlySecond)));
    }

    /// <summary>Agreement and shared errors of two models.</summary>
    /// <exception cref="ArgumentException">The numbers of rows differ or are 0.</exception>
    public static ModelAgreement Agreement(ReadOnlySpan<int> first, ReadOnlySpan<int> second, ReadOnlySpan<int> targets)
    {
        Check(first, second, targets);
        var (same, wrongFirst, wrongSecond, wrongBoth) = (0, 0.0, 0.0, 0.0);
        for (var i = 0; i < targets.Length; i++)
        {
            same += first[i] == second[i] ? 1 : 0;
            wrongFirst += first[i] != targets[i] ? 1 : 0;
            wrongSecond += second[i] != targets[i] ? 1 : 0;
            wrongBoth += first[i] != targets[i] && second[i] != targets[i] ? 1 : 0;
        }

        var n = (double)targets.Length;
        var spread = wrongFirst * (n - wrongFirst) * wrongSecond * (n - wrongSecond);
        var correlation = spread > 0 ? ((n * wrongBoth) - (wrongFirst * wrongSecond)) / Math.Sqrt(spread) : 0;
        return new ModelAgreement(same / n, correlation, (int)(wrongFirst - wrongBoth));
    }

    /// <summary>Which member mends which other's weak classes: for each of a model's worst classes, the member of the best recall there.</summary>
    /// <param name="reports">One a member, over the same rows.</param>
    /// <param name="worst">Weak classes a member.</param>
    /// <returns>One entry a member and weak class that another member has better: member, class, its recall, the mending member and its recall.</returns>
    public static IReadOnlyList<(int Member, int Class, double Recall, int Mender, double Mended)> CorrectingModels(IReadOnlyList<ClassificationReport> reports, int worst = 5)
    {
        ArgumentNullException.ThrowIfNull(reports);
        var found = new List<(int, int, double, int, double)>();
        for (var m = 0; m < reports.Count; m++)
        {
            foreach (var weak in reports[m].PerClass.Where(c => c.Recall < 1).OrderBy(c => c.Recall).ThenBy(c => c.Class).Take(worst))
            {
                var mender = Enumerable.Range(0, reports.Count).MaxBy(other => reports[other].PerClass[weak.Class].Recall);
                var mended = reports[mender].PerClass[weak.Class].Recall!.Value;
                if (mended > weak.Recall)
                {
                    found.Add((m, weak.Class, weak.Recall!.Value, mender, mended));
                }
            }
        }

        return found;
    }

    /// <summary>Targets most often taken for another class: target, prediction, rows, the most first.</summary>
    public static IReadOnlyList<(int Target, int Prediction, int Rows)> Confusions(ClassificationReport report, int most = 20)
    {
        ArgumentNullException.ThrowIfNull(report);
        var classes = report.PerClass.Length;
        return
        [
            .. Enumerable.Range(0, classes)
                .SelectMany(t => Enumerable.Range(0, classes).Where(p => p != t && report.Confusion[t, p] > 0).Select(p => (t, p, report.Confusion[t, p])))
                .OrderByDescending(c => c.Item3).ThenBy(c => c.t).ThenBy(c => c.p).Take(most),
        ];
    }

    /// <summary>P(X ≤ k) of n fair throws, by logarithms of factorials so that large n do not underflow on the way.</summary>
    private static double LowerTail(int k, int n)
    {
        var (sum, choose) = (0.0, 0.0);
        for (var i = 0; i <= k; i++)
        {
            sum += Math.Exp(choose - (n * Math.Log(2)));
            choose += Math.Log(n - i) - Math.Log(i + 1);
        }

        return sum;
    }

    private static void Check(ReadOnlySpan<int> first, ReadOnlySpan<int> second, ReadOnlySpan<int> targets)
    {
        if (first.Length != targets.Length || second.Length != targets.Length || targets.Length == 0)
        {
            throw new ArgumentException($"There are {first.Length} and {second.Length} predictions and {targets.Length} targets.", nameof(targets));
        }
    }
}
