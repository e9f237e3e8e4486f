using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Combining;

public static partial class Combine
{
    /// <summary>
    /// Computes the geometric mean of the probabilities, scaled to sum to 1. This is also the mean of logits: means of log-probabilities and of logits differ
    /// by one number per row, which the softmax removes.
    /// </summary>
    /// <param name="set">Members, rows and classes.</param>
    /// <param name="weights">One per member, none negative, not all 0; null means equal weights. Only ratios count.</param>
    /// <param name="temperatures">Divisor of each member's logits; null means 1 for all.</param>
    /// <exception cref="RefusalException">The number of weights or temperatures is not that of members, or one is out of range.</exception>
    public static EnsemblePrediction GeometricMean(LogitsSet set, IReadOnlyList<double>? weights = null, IReadOnlyList<double>? temperatures = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        CheckTemperatures(set, temperatures);
        return CombineRows(set, weights, (row, shares, result) =>
        {
            for (var m = 0; m < shares.Length; m++)
            {
                var logits = set.Members[m].Row(row);
                var scale = shares[m] / (temperatures?[m] ?? 1);
                for (var c = 0; c < logits.Length; c++)
                {
                    result[c] += logits[c] * scale;
                }
            }

            var largest = double.NegativeInfinity;
            foreach (var x in result)
            {
                largest = Math.Max(largest, x);
            }

            var sum = 0.0;
            foreach (ref var x in result)
            {
                x = Math.Exp(x - largest);
                sum += x;
            }

            foreach (ref var x in result)
            {
                x /= sum;
            }
        });
    }
}
