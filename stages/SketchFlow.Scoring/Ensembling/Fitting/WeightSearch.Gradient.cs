using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Fitting;

public static partial class WeightSearch
{
    /// <summary>Fits the weights of the mean of logits that minimise its log-loss, by gradient descent on the simplex.</summary>
    /// <remarks>
    /// Exponentiated gradient (Kivinen, Warmuth 1997): each weight is multiplied by exp(-rate × slope) and all are scaled to sum to 1, so that the constraint
    /// holds at every step. The log-loss is convex in these weights; the rate is halved until a step lowers the loss, and doubled after such a step.
    /// The weights sum to 1 although another scale could lower the loss further: scaling is left to the temperature.
    /// </remarks>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="steps">Largest number of steps; the fit ends when the loss falls by less than 1e-10.</param>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public static double[] ByLogLossOfLogits(LogitsSet set, int steps = 500)
    {
        ArgumentNullException.ThrowIfNull(set);
        var (targets, models) = (set.RequireTargets(), set.Members.Length);
        return Descend(models, 1, steps, (weights, slopes) =>
        {
            slopes?.AsSpan().Clear();
            return SumBlocks(set.Rows, slopes?.Length ?? 0, (rows, sums) =>
            {
                var mixed = new double[set.Classes];
                var loss = 0.0;
                for (var row = rows.From; row < rows.To; row++)
                {
                    mixed.AsSpan().Clear();
                    for (var m = 0; m < models; m++)
                    {
                        var logits = set.Members[m].Row(row);
                        for (var c = 0; c < mixed.Length; c++)
                        {
                            mixed[c] += weights[m] * logits[c];
                        }
                    }

                    loss += Softmax.InPlace(mixed, targets[row]);
                    for (var m = 0; slopes is not null && m < models; m++)
                    {
                        var logits = set.Members[m].Row(row);
                        var expected = 0.0;
                        for (var c = 0; c < mixed.Length; c++)
                        {
                            expected += mixed[c] * logits[c];
                        }

                        sums[m] += expected - logits[targets[row]];
                    }
                }

                return loss;
            }, slopes) / DivideByRows(slopes, set.Rows);
        });
    }

    /// <summary>Fits one weight per model and class that minimise the log-loss, regularised towards equal weights.</summary>
    /// <remarks>
    /// The probability of class c is the weighted sum of the models' probabilities of c, scaled so that the row sums to 1; the weights of each class are
    /// at least 0 and sum to 1. A class has few rows (about 6 of the report's 30 rows per class are validation rows), so <paramref name="prior"/> rows of
    /// equal weights are added to each: the penalty is the divergence of equal weights from the fitted ones. Uses exponentiated gradient like
    /// <see cref="ByLogLossOfLogits"/>.
    /// </remarks>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="prior">Strength of the regularisation towards equal weights, in rows per class; 0 means none.</param>
    /// <param name="steps">Largest number of steps.</param>
    /// <returns>float64, models × classes; the column of each class sums to 1.</returns>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public static double[,] PerClass(LogitsSet set, double prior = 20, int steps = 200)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (!(prior >= 0 && double.IsFinite(prior)))
        {
            throw new ArgumentOutOfRangeException(nameof(prior), prior, "Expected a finite number of at least 0.");
        }

        var (targets, models, classes) = (set.RequireTargets(), set.Members.Length, set.Classes);
        // Ordered by class, then model, so that weights that sum to 1 are adjacent.
        var flat = Descend(models, classes, steps, (weights, slopes) =>
        {
            slopes?.AsSpan().Clear();
            var loss = SumBlocks(set.Rows, slopes?.Length ?? 0, (rows, sums) =>
            {
                var own = new double[models][];
                for (var m = 0; m < models; m++)
                {
                    own[m] = new double[classes];
                }

                var total = 0.0;
                for (var row = rows.From; row < rows.To; row++)
                {
                    var (all, target) = (0.0, 0.0);
                    for (var m = 0; m < models; m++)
                    {
                        Softmax.Probabilities(set.Members[m].Row(row), own[m]);
                        for (var c = 0; c < classes; c++)
                        {
                            all += weights[(c * models) + m] * own[m][c];
                        }

                        target += weights[(targets[row] * models) + m] * own[m][targets[row]];
                    }

                    target = Math.Max(target, Softmax.SmallestProbability);
                    total += Math.Log(all) - Math.Log(target);
                    for (var m = 0; slopes is not null && m < models; m++)
                    {
                        for (var c = 0; c < classes; c++)
                        {
                            sums[(c * models) + m] += own[m][c] / all;
                        }

                        sums[(targets[row] * models) + m] -= own[m][targets[row]] / target;
                    }
                }

                return total;
            }, slopes);
            for (var i = 0; i < weights.Length; i++)
            {
                loss -= prior / models * Math.Log(Math.Max(weights[i] * models, 1e-300));
                if (slopes is not null)
                {
                    slopes[i] -= prior / models / Math.Max(weights[i], 1e-300);
                }
            }

            return loss / DivideByRows(slopes, set.Rows);
        });
        var result = new double[models, classes];
        for (var c = 0; c < classes; c++)
        {
            for (var m = 0; m < models; m++)
            {
                result[m, c] = flat[(c * models) + m];
            }
        }

        return result;
    }

    /// <summary>Minimises a loss over groups of weights, each on its own simplex.</summary>
    /// <param name="models">Number of weights per group.</param>
    /// <param name="groups">Number of groups, stored one after another.</param>
    /// <param name="steps">Largest number of steps.</param>
    /// <param name="loss">Computes the loss of the weights, and the slopes unless they are null.</param>
    private static double[] Descend(int models, int groups, int steps, Func<double[], double[]?, double> loss)
    {
        double[] weights = [.. Enumerable.Repeat(1.0 / models, models * groups)];
        var slopes = new double[weights.Length];
        var now = loss(weights, slopes);
        var rate = 1.0;
        for (var step = 0; step < steps; step++)
        {
            var (next, then) = (weights, now);
            for (var trial = 0; trial < 40; trial++, rate /= 2)
            {
                next = Step(weights, slopes, rate, models);
                then = loss(next, null);
                if (then < now)
                {
                    break;
                }
            }

            if (!(now - then > 1e-10 * Math.Max(1, Math.Abs(now))))
            {
                return then < now ? next : weights;
            }

            weights = next;
            now = loss(weights, slopes);
            rate = Math.Min(rate * 2, 1e6);
        }

        return weights;
    }

    private static double[] Step(double[] weights, double[] slopes, double rate, int models)
    {
        var next = new double[weights.Length];
        for (var start = 0; start < weights.Length; start += models)
        {
            var lowest = slopes.AsSpan(start, models).ToArray().Min();
            var total = 0.0;
            for (var i = start; i < start + models; i++)
            {
                next[i] = weights[i] * Math.Exp(-rate * (slopes[i] - lowest));
                total += next[i];
            }

            for (var i = start; i < start + models; i++)
            {
                next[i] /= total;
            }
        }

        return next;
    }

    /// <summary>Sums over blocks of rows in parallel; blocks are added in order, so that the result does not depend on threads.</summary>
    private static double SumBlocks(int rows, int slopes, Func<(int From, int To), double[], double> block, double[]? into)
    {
        const int Blocks = 8;
        var sums = new double[Blocks][];
        var losses = new double[Blocks];
        Parallel.For(0, Blocks, b =>
        {
            sums[b] = new double[slopes];
            losses[b] = block(((int)((long)rows * b / Blocks), (int)((long)rows * (b + 1) / Blocks)), sums[b]);
        });
        for (var i = 0; into is not null && i < into.Length; i++)
        {
            foreach (var sum in sums)
            {
                into[i] += sum[i];
            }
        }

        return losses.Sum();
    }

    /// <summary>Divides the slopes by the number of rows, and returns that number as the divisor of the loss.</summary>
    private static int DivideByRows(double[]? slopes, int rows)
    {
        for (var i = 0; slopes is not null && i < slopes.Length; i++)
        {
            slopes[i] /= rows;
        }

        return rows;
    }
}
