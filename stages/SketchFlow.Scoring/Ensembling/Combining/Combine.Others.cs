using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Combining;

public static partial class Combine
{
    /// <summary>
    /// Geometric mean of the probabilities, scaled to sum to 1. It is also the soft vote on logits: the mean of log-probabilities and the mean of logits differ
    /// by one number a row, which the softmax takes off.
    /// </summary>
    /// <param name="set">Members, rows and classes.</param>
    /// <param name="weights">One a member, none negative, not all 0; null is equal weights. Only their ratios count.</param>
    /// <param name="temperatures">One a member, dividing its logits; null is 1 for all.</param>
    /// <exception cref="RefusalException">The number of weights or temperatures is not that of members, or one of them is out of range.</exception>
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

    /// <summary>Rank average (Borda count): each member gives its last class 0 points, its first classes - 1, ties the mean of their places.</summary>
    /// <remarks>Points are scaled to sum to 1 a row; they order classes but are no calibrated probabilities.</remarks>
    /// <param name="set">Members, rows and classes.</param>
    /// <param name="weights">One a member, none negative, not all 0; null is equal weights. Only their ratios count.</param>
    /// <exception cref="RefusalException">The number of weights is not that of members, or one of them is out of range.</exception>
    public static EnsemblePrediction RankAverage(LogitsSet set, IReadOnlyList<double>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        return CombineRows(set, weights, (row, shares, result) =>
        {
            var classes = set.Classes;
            if (classes == 1)
            {
                result[0] = 1;
                return;
            }

            var order = new int[classes];
            var keys = new float[classes];
            // Points of all classes of one member sum to classes × (classes - 1) / 2.
            var scale = 2.0 / ((double)classes * (classes - 1));
            for (var m = 0; m < shares.Length; m++)
            {
                set.Members[m].Row(row).CopyTo(keys);
                for (var c = 0; c < classes; c++)
                {
                    order[c] = c;
                }

                Array.Sort(keys, order);
                for (var first = 0; first < classes;)
                {
                    var last = first;
                    while (last + 1 < classes && keys[last + 1].Equals(keys[first]))
                    {
                        last++;
                    }

                    for (var i = first; i <= last; i++)
                    {
                        result[order[i]] += shares[m] * scale * ((first + last) / 2.0);
                    }

                    first = last + 1;
                }
            }
        });
    }

    /// <summary>Hard vote: each member gives its weight to its first class. Of classes with the same votes, the soft vote's better one wins.</summary>
    /// <remarks>The probabilities are the shares of the votes.</remarks>
    /// <param name="set">Members, rows and classes.</param>
    /// <param name="weights">One a member, none negative, not all 0; null is equal weights. Only their ratios count.</param>
    /// <exception cref="RefusalException">The number of weights is not that of members, or one of them is out of range.</exception>
    public static EnsemblePrediction HardVote(LogitsSet set, IReadOnlyList<double>? weights = null)
    {
        var soft = SoftVote(set, weights);
        var votes = CombineRows(set, weights, (row, shares, result) =>
        {
            for (var m = 0; m < shares.Length; m++)
            {
                result[Softmax.ArgMax(set.Members[m].Row(row))] += shares[m];
            }
        });
        for (var row = 0; row < votes.Rows; row++)
        {
            var share = votes.Row(row);
            var likely = soft.Row(row);
            var best = votes.Predictions[row];
            for (var c = 0; c < votes.Classes; c++)
            {
                // Equal shares may differ in the last bits by the order of adding.
                var lead = share[c] - share[best];
                if (lead > 1e-12 || (lead > -1e-12 && likely[c] > likely[best]))
                {
                    best = c;
                }
            }

            votes.Predictions[row] = best;
        }

        return votes;
    }

    private delegate void RowCombination(int row, double[] shares, Span<double> result);

    private static EnsemblePrediction CombineRows(LogitsSet set, IReadOnlyList<double>? weights, RowCombination combine)
    {
        var shares = Shares(set, weights);
        var classes = set.Classes;
        var probabilities = new double[checked(set.Rows * classes)];
        var predictions = new int[set.Rows];
        Parallel.For(0, set.Rows, row =>
        {
            var result = probabilities.AsSpan(row * classes, classes);
            combine(row, shares, result);
            predictions[row] = Softmax.ArgMax<double>(result);
        });
        return new EnsemblePrediction(classes, probabilities, predictions);
    }
}
