using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Scoring.Audit;

/// <summary>Computes how well given labels agree with predicted probabilities.</summary>
public static class LabelQuality
{
    // cleanlab's lower bound of the divisors.
    private const double Smallest = 1e-6;

    /// <summary>Computes a score for each row, from 0 (a likely error) to 1.</summary>
    /// <param name="prediction">Probabilities of rows that were not trained on.</param>
    /// <param name="labels">Given class number of each row.</param>
    /// <param name="score">The score.</param>
    /// <exception cref="ArgumentException">The lengths differ, there are fewer than two classes, or a label is out of range.</exception>
    public static double[] Compute(EnsemblePrediction prediction, IReadOnlyList<int> labels, LabelQualityScore score)
    {
        ConfidentLearning.Check(prediction, labels);
        var scores = new double[prediction.Rows];
        for (var row = 0; row < scores.Length; row++)
        {
            var probabilities = prediction.Row(row);
            scores[row] = score switch
            {
                LabelQualityScore.Confidence => probabilities[labels[row]],
                LabelQualityScore.Margin => (probabilities[labels[row]] - LargestOther(probabilities, labels[row]) + 1) / 2,
                LabelQualityScore.Entropy => WeightedEntropy(probabilities, labels[row]),
                _ => throw new ArgumentOutOfRangeException(nameof(score), score, "Unknown score."),
            };
        }

        return scores;
    }

    private static double LargestOther(ReadOnlySpan<double> probabilities, int label)
    {
        var largest = 0.0;
        for (var c = 0; c < probabilities.Length; c++)
        {
            largest = c == label ? largest : Math.Max(largest, probabilities[c]);
        }

        return largest;
    }

    private static double WeightedEntropy(ReadOnlySpan<double> probabilities, int label)
    {
        var entropy = 0.0;
        foreach (var p in probabilities)
        {
            entropy -= p > 0 ? p * Math.Log(p) : 0;
        }

        // log(1 + x) / x falls from 1 for a certain prediction of the given class to 0.
        var weighted = entropy / Math.Log(probabilities.Length) / Math.Max(Smallest, probabilities[label]);
        return Math.Log(weighted + 1) / Math.Max(Smallest, weighted);
    }
}
