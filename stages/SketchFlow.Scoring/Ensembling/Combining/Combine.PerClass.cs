using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Combining;

public static partial class Combine
{
    /// <summary>Computes the mean of probabilities with one weight per member and class, scaled so that every row sums to 1.</summary>
    /// <remarks>If all classes have the same weights, this is the soft vote with those weights, within rounding.</remarks>
    /// <param name="set">Members, rows and classes.</param>
    /// <param name="weights">float64, members × classes, none negative, and no class with weight 0 for all members.</param>
    /// <param name="temperatures">Divisor of each member's logits; null means 1 for all.</param>
    /// <exception cref="RefusalException">The weights are not members × classes, or a weight or temperature is out of range.</exception>
    public static EnsemblePrediction PerClass(LogitsSet set, double[,] weights, IReadOnlyList<double>? temperatures = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(weights);
        CheckTemperatures(set, temperatures);
        var (members, classes) = (set.Members.Length, set.Classes);
        if (weights.GetLength(0) != members || weights.GetLength(1) != classes)
        {
            throw new RefusalException(
                $"There are {weights.GetLength(0)} × {weights.GetLength(1)} weights for {members} models and {classes} classes, "
                + "expected one per model and class.");
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
                throw new RefusalException(
                    $"The weights of class {set.ClassNames[c]} are not finite numbers of at least 0 that are not all 0; fit them again.");
            }
        }

        var probabilities = new double[checked(set.Rows * classes)];
        var predictions = new int[set.Rows];
        ForEachRow(set.Rows, classes, (row, scratch) =>
        {
            var result = probabilities.AsSpan(row * classes, classes);
            for (var m = 0; m < members; m++)
            {
                Softmax.Probabilities(set.Members[m].Row(row), scratch.Member, temperatures?[m] ?? 1);
                for (var c = 0; c < classes; c++)
                {
                    result[c] += weights[m, c] * scratch.Member[c];
                }
            }

            var sum = 0.0;
            foreach (var p in result)
            {
                sum += p;
            }

            // A row whose probable classes all have weight 0 becomes uniform.
            for (var c = 0; c < classes; c++)
            {
                result[c] = sum > 0 ? result[c] / sum : 1.0 / classes;
            }

            predictions[row] = Softmax.ArgMax<double>(result);
        });
        return new EnsemblePrediction(classes, probabilities, predictions);
    }
}
