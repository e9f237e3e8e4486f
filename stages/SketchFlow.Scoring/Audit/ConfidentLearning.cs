using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Scoring.Audit;

/// <summary>
/// Finds likely label errors by confident learning (Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 2021,
/// arXiv 1911.00068).
/// </summary>
public static class ConfidentLearning
{
    // A class keeps at least this many of its images, and an image whose given class is this close to the first is no error.
    private const int MinImages = 1;
    private const double Tolerance = 1e-6;

    /// <summary>Selects the rows whose label is likely wrong.</summary>
    /// <remarks>
    /// The rules are those of cleanlab's <c>find_label_issues</c>: a row whose given class is also the predicted one is never selected. Of equal probabilities
    /// the earlier row is selected.
    /// </remarks>
    /// <param name="prediction">Probabilities of rows that were not trained on.</param>
    /// <param name="labels">Given class number of each row.</param>
    /// <param name="joint">Joint distribution of the same rows.</param>
    /// <param name="method">Rule of selection.</param>
    /// <returns>Whether each row is selected.</returns>
    /// <exception cref="ArgumentException">The lengths differ, there are fewer than two classes, or a label is out of range.</exception>
    public static bool[] FindErrors(EnsemblePrediction prediction, IReadOnlyList<int> labels, ConfidentJoint joint, PruneMethod method)
    {
        Check(prediction, labels);
        ArgumentNullException.ThrowIfNull(joint);
        var errors = new bool[prediction.Rows];
        if (method == PruneMethod.Confident)
        {
            for (var row = 0; row < errors.Length; row++)
            {
                errors[row] = joint.TrueClasses[row] >= 0 && joint.TrueClasses[row] != labels[row];
            }
        }
        else
        {
            Prune(prediction, labels, joint, method, errors);
        }

        for (var row = 0; row < errors.Length; row++)
        {
            errors[row] = errors[row] && !IsPredicted(prediction.Row(row), labels[row]);
        }

        return errors;
    }

    /// <summary>Checks that labels belong to the rows of a prediction.</summary>
    /// <exception cref="ArgumentException">The lengths differ, there are fewer than two classes, or a label is out of range.</exception>
    internal static void Check(EnsemblePrediction prediction, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(labels);
        if (prediction.Classes < 2 || labels.Count != prediction.Rows)
        {
            throw new ArgumentException(
                $"There are {labels.Count} labels for {prediction.Rows} rows of {prediction.Classes} classes, expected one per row and at least 2 classes.",
                nameof(labels));
        }

        if (labels.Any(l => l < 0 || l >= prediction.Classes))
        {
            var wrong = labels.First(l => l < 0 || l >= prediction.Classes);
            throw new ArgumentException($"There is the label {wrong}, expected 0 to {prediction.Classes - 1}.", nameof(labels));
        }
    }

    private static void Prune(EnsemblePrediction prediction, IReadOnlyList<int> labels, ConfidentJoint joint, PruneMethod method, bool[] errors)
    {
        var rows = Enumerable.Range(0, labels.Count).ToLookup(row => labels[row]);
        var counts = KeepImages(joint.Calibrated);
        for (var given = 0; given < joint.Classes; given++)
        {
            int[] own = [.. rows[given]];
            if (own.Length <= MinImages)
            {
                continue;
            }

            var byRate = method == PruneMethod.Class ? [] : SelectByRate(prediction, own, given, counts);
            var byClass = method == PruneMethod.NoiseRate ? [] : SelectByClass(prediction, own, given, counts[given, given]);
            var selected = method switch
            {
                PruneMethod.NoiseRate => byRate,
                PruneMethod.Class => byClass,
                _ => byRate.Intersect(byClass),
            };
            foreach (var row in selected)
            {
                errors[row] = true;
            }
        }
    }

    private static HashSet<int> SelectByRate(EnsemblePrediction prediction, int[] rows, int given, int[,] counts)
    {
        var selected = new HashSet<int>();
        for (var other = 0; other < prediction.Classes; other++)
        {
            if (other != given && counts[given, other] > 0)
            {
                var c = other;
                selected.UnionWith(rows.OrderByDescending(r => prediction.Row(r)[c] - prediction.Row(r)[given]).Take(counts[given, other]));
            }
        }

        return selected;
    }

    private static IEnumerable<int> SelectByClass(EnsemblePrediction prediction, int[] rows, int given, int right) =>
        rows.OrderBy(r => prediction.Row(r)[given]).Take(rows.Length - right);

    // What the diagonal gains is taken from the errors of the same given class.
    private static int[,] KeepImages(int[,] joint)
    {
        var classes = joint.GetLength(0);
        var kept = (int[,])joint.Clone();
        for (var given = 0; given < classes; given++)
        {
            var gain = Math.Max(0, MinImages - joint[given, given]);
            if (gain == 0)
            {
                continue;
            }

            var pairs = Enumerable.Range(0, classes).Count(c => joint[given, c] != 0);
            for (var c = 0; c < classes; c++)
            {
                kept[given, c] = c == given ? joint[c, c] + gain : (int)Math.Max(0, joint[given, c] - ((double)gain / Math.Max(1, pairs - 1)));
            }
        }

        return kept;
    }

    private static bool IsPredicted(ReadOnlySpan<double> probabilities, int label)
    {
        var own = probabilities[label] + Tolerance;
        for (var c = 0; c < probabilities.Length; c++)
        {
            // The lowest number wins a tie.
            if (c != label && (probabilities[c] > own || (probabilities[c] == own && c < label)))
            {
                return false;
            }
        }

        return true;
    }
}
