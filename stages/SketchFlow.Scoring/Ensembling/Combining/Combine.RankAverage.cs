using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Combining;

public static partial class Combine
{
    /// <summary>
    /// Rank average (Borda count): each member gives its last class 0 points, its first classes - 1, and tied classes the mean of their ranks.
    /// </summary>
    /// <remarks>Points are scaled to sum to 1 per row; they order the classes but are not calibrated probabilities.</remarks>
    /// <param name="set">Members, rows and classes.</param>
    /// <param name="weights">One per member, none negative, not all 0; null means equal weights. Only ratios count.</param>
    /// <exception cref="RefusalException">The number of weights is not that of members, or one is out of range.</exception>
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
}
