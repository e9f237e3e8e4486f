using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Fitting;

/// <summary>Fits weights of a soft vote on rows with known targets. Weights are at least 0 and sum to 1.</summary>
public static partial class WeightSearch
{
    /// <summary>Fits the weights that minimise the log-loss.</summary>
    /// <remarks>
    /// The log-loss of a mixture is convex in its weights; expectation-maximisation lowers it at every step, stays on the simplex and needs no step size
    /// (Dempster, Laird, Rubin 1977). Probabilities are bounded below by <see cref="Softmax.SmallestProbability"/>.
    /// </remarks>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="steps">Largest number of steps; the fit ends when no weight changes by 1e-9.</param>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public static double[] ByLogLoss(LogitsSet set, int steps = 2000)
    {
        ArgumentNullException.ThrowIfNull(set);
        var (targets, models) = (set.RequireTargets(), set.Members.Length);
        var own = new double[set.Rows * models];
        Parallel.For(0, set.Rows, row =>
        {
            for (var m = 0; m < models; m++)
            {
                var logits = set.Members[m].Row(row);
                own[(row * models) + m] = Math.Max(Math.Exp(logits[targets[row]] - Softmax.LogSumExp(logits)), Softmax.SmallestProbability);
            }
        });
        double[] weights = [.. Enumerable.Repeat(1.0 / models, models)];
        for (var step = 0; step < steps; step++)
        {
            var next = new double[models];
            for (var row = 0; row < set.Rows; row++)
            {
                var p = own.AsSpan(row * models, models);
                var mixture = 0.0;
                for (var m = 0; m < models; m++)
                {
                    mixture += weights[m] * p[m];
                }

                for (var m = 0; m < models; m++)
                {
                    next[m] += weights[m] * p[m] / mixture;
                }
            }

            var moved = 0.0;
            for (var m = 0; m < models; m++)
            {
                next[m] /= set.Rows;
                moved = Math.Max(moved, Math.Abs(next[m] - weights[m]));
            }

            weights = next;
            if (moved < 1e-9)
            {
                break;
            }
        }

        return weights;
    }

    /// <summary>Fits the weights of the least squared distance to the one-hot targets (non-negative least squares), scaled to sum to 1.</summary>
    /// <remarks>
    /// Uses cyclic coordinate descent on the normal equations, which is exact in each coordinate and converges for this convex problem
    /// (Franc, Hlaváč, Navara 2005). If every weight is 0, which needs useless models, equal weights are returned.
    /// </remarks>
    /// <param name="set">Models, with targets in every row.</param>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public static double[] ByLeastSquares(LogitsSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var (targets, models, classes) = (set.RequireTargets(), set.Members.Length, set.Classes);
        var gram = new double[models, models];
        var right = new double[models];
        var p = new double[models][];
        for (var m = 0; m < models; m++)
        {
            p[m] = new double[classes];
        }

        for (var row = 0; row < set.Rows; row++)
        {
            for (var m = 0; m < models; m++)
            {
                Softmax.Probabilities(set.Members[m].Row(row), p[m]);
                right[m] += p[m][targets[row]];
                for (var other = 0; other <= m; other++)
                {
                    var dot = 0.0;
                    for (var c = 0; c < classes; c++)
                    {
                        dot += p[m][c] * p[other][c];
                    }

                    gram[m, other] += dot;
                    gram[other, m] = gram[m, other];
                }
            }
        }

        var weights = new double[models];
        for (var sweep = 0; sweep < 10_000; sweep++)
        {
            var moved = 0.0;
            for (var m = 0; m < models; m++)
            {
                var slope = -right[m];
                for (var other = 0; other < models; other++)
                {
                    slope += gram[m, other] * weights[other];
                }

                var next = Math.Max(0, weights[m] - (slope / gram[m, m]));
                moved = Math.Max(moved, Math.Abs(next - weights[m]));
                weights[m] = next;
            }

            if (moved < 1e-12)
            {
                break;
            }
        }

        var total = weights.Sum();
        return total > 0 ? [.. weights.Select(w => w / total)] : [.. Enumerable.Repeat(1.0 / models, models)];
    }
}
