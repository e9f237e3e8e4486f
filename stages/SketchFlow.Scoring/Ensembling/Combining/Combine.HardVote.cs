using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Combining;

public static partial class Combine
{
    /// <summary>Hard vote: each member gives its weight to its predicted class. The soft vote breaks ties.</summary>
    /// <remarks>The probabilities are the shares of the votes.</remarks>
    /// <param name="set">Members, rows and classes.</param>
    /// <param name="weights">One per member, none negative, not all 0; null means equal weights. Only ratios count.</param>
    /// <exception cref="RefusalException">The number of weights is not that of members, or one is out of range.</exception>
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
                // Equal shares may differ in the last bits because of the order of addition.
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
