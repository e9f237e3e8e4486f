using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Scoring.Audit;

/// <summary>Estimated joint distribution of the given and the true classes of labelled images, in numbers of images.</summary>
/// <remarks>
/// A class's threshold is the mean probability of that class over the images that carry its label. An image is counted for (given class, true class) if its
/// probability of the true class reaches that class's threshold; if several classes reach theirs, for the class of the largest probability. This is equation 1
/// of Northcutt, Jiang and Chuang (JAIR 2021, arXiv 1911.00068) with the tolerances and the rounding of cleanlab's <c>compute_confident_joint</c>.
/// </remarks>
/// <param name="Thresholds">Threshold of each class; 2, which no probability reaches, for a class without images.</param>
/// <param name="Counts">Number of confidently counted images by (given class, true class); at least 1 on the diagonal.</param>
/// <param name="Calibrated">
/// <paramref name="Counts"/> scaled so that each row sums to the number of images with that label, in whole images: the estimate for all images.
/// </param>
/// <param name="TrueClasses">Class that each image was counted for, or -1 if no class reached its threshold.</param>
public sealed record ConfidentJoint(double[] Thresholds, int[,] Counts, int[,] Calibrated, int[] TrueClasses)
{
    private const double Tolerance = 1e-6;

    /// <summary>Number of classes.</summary>
    public int Classes => Thresholds.Length;

    /// <summary>Estimates the joint distribution.</summary>
    /// <param name="prediction">Probabilities of rows that were not trained on.</param>
    /// <param name="labels">Given class number of each row.</param>
    /// <exception cref="ArgumentException">The lengths differ, there are fewer than two classes, or a label is out of range.</exception>
    public static ConfidentJoint Estimate(EnsemblePrediction prediction, IReadOnlyList<int> labels)
    {
        ConfidentLearning.Check(prediction, labels);
        var images = new int[prediction.Classes];
        foreach (var label in labels)
        {
            images[label]++;
        }

        var thresholds = FindThresholds(prediction, labels, images);
        var classes = new int[prediction.Rows];
        var counts = new int[prediction.Classes, prediction.Classes];
        for (var row = 0; row < classes.Length; row++)
        {
            classes[row] = FindTrueClass(prediction.Row(row), thresholds);
            if (classes[row] >= 0)
            {
                counts[labels[row], classes[row]]++;
            }
        }

        for (var c = 0; c < prediction.Classes; c++)
        {
            counts[c, c] = Math.Max(1, counts[c, c]);
        }

        return new ConfidentJoint(thresholds, counts, Calibrate(counts, images), classes);
    }

    private static double[] FindThresholds(EnsemblePrediction prediction, IReadOnlyList<int> labels, int[] images)
    {
        var sums = new double[prediction.Classes];
        for (var row = 0; row < prediction.Rows; row++)
        {
            sums[labels[row]] += prediction.Row(row)[labels[row]];
        }

        return [.. sums.Select((sum, c) => images[c] == 0 ? 2 : Math.Max(2 * Tolerance, sum / images[c]))];
    }

    // One class above its threshold is the true one; of several, the class with the largest probability.
    private static int FindTrueClass(ReadOnlySpan<double> probabilities, double[] thresholds)
    {
        var found = -1;
        for (var c = 0; c < probabilities.Length; c++)
        {
            if (probabilities[c] >= thresholds[c] - Tolerance)
            {
                if (found >= 0)
                {
                    return Softmax.ArgMax(probabilities);
                }

                found = c;
            }
        }

        return found;
    }

    private static int[,] Calibrate(int[,] counts, int[] images)
    {
        var classes = images.Length;
        var scaled = new double[classes, classes];
        var (total, all) = (0.0, images.Sum());
        for (var i = 0; i < classes; i++)
        {
            var sum = 0;
            for (var j = 0; j < classes; j++)
            {
                sum += counts[i, j];
            }

            for (var j = 0; j < classes; j++)
            {
                scaled[i, j] = (double)counts[i, j] / sum * images[i];
                total += scaled[i, j];
            }
        }

        var calibrated = new int[classes, classes];
        var row = new double[classes];
        for (var i = 0; i < classes; i++)
        {
            for (var j = 0; j < classes; j++)
            {
                row[j] = scaled[i, j] / total * all;
            }

            var whole = RoundKeepingSum(row);
            for (var j = 0; j < classes; j++)
            {
                calibrated[i, j] = whole[j];
            }
        }

        return calibrated;
    }

    /// <summary>Rounds numbers to integers with the rounded sum: those with the largest remainders are rounded up, or with the smallest down.</summary>
    /// <remarks>Among equal remainders the last number is rounded up first, and the first one down, as by cleanlab with up to 16 classes.</remarks>
    /// <param name="values">Numbers of 0 or more.</param>
    private static int[] RoundKeepingSum(ReadOnlySpan<double> values)
    {
        var whole = new int[values.Length];
        var remainders = new double[values.Length];
        var sum = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            whole[i] = (int)Math.Round(values[i], MidpointRounding.ToEven);
            remainders[i] = values[i] - whole[i];
            sum += values[i];
        }

        var missing = (int)Math.Round(sum, MidpointRounding.ToEven) - whole.Sum();
        var ascending = Enumerable.Range(0, whole.Length).OrderBy(i => remainders[i]).ToArray();
        for (var n = 0; n < Math.Abs(missing); n++)
        {
            whole[missing > 0 ? ascending[^((n % whole.Length) + 1)] : ascending[n % whole.Length]] += Math.Sign(missing);
        }

        return whole;
    }
}
