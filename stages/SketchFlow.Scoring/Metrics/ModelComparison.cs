namespace SketchFlow.Scoring.Metrics;

/// <summary>Compares the predictions of models for the same rows.</summary>
public static class ModelComparison
{
    /// <summary>
    /// Applies McNemar's exact test (McNemar 1947): if both classifiers are equally good, a row that only one has right is equally likely to be either's.
    /// The p-value is the one-sided binomial probability, doubled and at most 1.
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
        var p = 2 * LowerTail(Math.Min(onlyFirst, onlySecond), onlyFirst + onlySecond);
        return new McNemarResult(counts[0], onlyFirst, onlySecond, counts[3], Math.Min(1, p));
    }

    /// <summary>Measures agreement and shared errors of two models.</summary>
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

    /// <summary>Finds, for each of a model's weakest classes, the model with the best recall there.</summary>
    /// <param name="reports">One per model, for the same rows.</param>
    /// <param name="worst">Number of weak classes per model.</param>
    /// <returns>
    /// One entry per model and weak class for which another model is better: the model, the class, its recall, the other model and its recall.
    /// </returns>
    public static IReadOnlyList<(int Member, int Class, double Recall, int Other, double OtherRecall)> CorrectingModels(
        IReadOnlyList<ClassificationReport> reports, int worst = 5)
    {
        ArgumentNullException.ThrowIfNull(reports);
        var found = new List<(int, int, double, int, double)>();
        for (var m = 0; m < reports.Count; m++)
        {
            foreach (var weak in reports[m].PerClass.Where(c => c.Recall < 1).OrderBy(c => c.Recall).ThenBy(c => c.Class).Take(worst))
            {
                var best = Enumerable.Range(0, reports.Count).MaxBy(other => reports[other].PerClass[weak.Class].Recall);
                var recall = reports[best].PerClass[weak.Class].Recall!.Value;
                if (recall > weak.Recall)
                {
                    found.Add((m, weak.Class, weak.Recall!.Value, best, recall));
                }
            }
        }

        return found;
    }

    /// <summary>Lists the most frequent confusions: target, prediction and number of rows, most frequent first.</summary>
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

    /// <summary>Computes P(X ≤ k) for n fair coin tosses from logarithms of factorials, so that large n do not underflow.</summary>
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
