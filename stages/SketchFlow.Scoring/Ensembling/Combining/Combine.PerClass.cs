using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Combining;

public static partial class Combine
{
    /// <summary>Soft vote with a weight for each member and class; every row is scaled to sum to 1.</summary>
    /// <remarks>Where all columns of weights are the same, it is the soft vote with those weights, within rounding.</remarks>
    /// <param name="set">Members, rows and classes.</param>
    /// <param name="weights">float64, members × classes, none negative, no class with 0 of all members; such as <see cref="WeightSearch.PerClass"/> gives.</param>
    /// <param name="temperatures">One a member, dividing its logits; null is 1 for all.</param>
    /// <exception cref="RefusalException">The weights are not members × classes or out of range, or the temperatures are.</exception>
    public static EnsemblePrediction PerClass(LogitsSet set, double[,] weights, IReadOnlyList<double>? temperatures = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(weights);
        CheckTemperatures(set, temperatures);
        var (members, classes) = (set.Members.Length, set.Classes);
        if (weights.GetLength(0) != members || weights.GetLength(1) != classes)
        {
            throw new RefusalException($"There are {weights.GetLength(0)} × {weights.GetLength(1)} weights for {members} models and {classes} classes, expected one a model and class.");
        }

        for (var c = 0; c < classes; c++)
        {
            var total = 0.0;
            for (var m = 0; m < members; m++)
            {
                total += weights[m, c] >= 0 ? weights[m, c] : double.NaN;
            }

            if (!(total > 0 && double.IsFinite(total)))
            {
                throw new RefusalException($"The weights of class {set.ClassNames[c]} are not finite numbers of 0 or more that are not all 0; fit them again.");
            }
        }

        var probabilities = new double[checked(set.Rows * classes)];
        var predictions = new int[set.Rows];
        ForEachRow(set.Rows, classes, (row, one) =>
        {
            var result = probabilities.AsSpan(row * classes, classes);
            for (var m = 0; m < members; m++)
            {
                Softmax.Probabilities(set.Members[m].Row(row), one.Member, temperatures?[m] ?? 1);
                for (var c = 0; c < classes; c++)
                {
                    result[c] += weights[m, c] * one.Member[c];
                }
            }

            var sum = 0.0;
            foreach (var p in result)
            {
                sum += p;
            }

            // A row to whose classes the weights give nothing says nothing.
            for (var c = 0; c < classes; c++)
            {
                result[c] = sum > 0 ? result[c] / sum : 1.0 / classes;
            }

            predictions[row] = Softmax.ArgMax<double>(result);
        });
        return new EnsemblePrediction(classes, probabilities, predictions);
    }
}
