using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Fitting;

public static partial class WeightSearch
{
    /// <summary>Weights of least log-loss of the geometric mean (the vote on logits), by gradient on the simplex.</summary>
    /// <remarks>
    /// Exponentiated gradient (Kivinen, Warmuth 1997): each weight is multiplied by exp(-rate × slope) and all are scaled to sum to 1, so the constraint
    /// holds at every step. The log-loss is convex in these weights; the rate is halved until a step lowers the loss and doubled after one that did.
    /// The sum of 1 is kept although a vote on logits would profit from any scale: the scale is the temperature's.
    /// </remarks>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="steps">The most steps; it ends sooner when the loss no longer falls by 1e-10.</param>
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

                    loss += SoftmaxInPlace(mixed, targets[row]);
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

    /// <summary>A weight for each model and class, of least log-loss on the rows, held towards equal weights.</summary>
    /// <remarks>
    /// The probability of class c is the weighted sum of the models' probabilities of c, scaled so that the row sums to 1; the weights of each class are 0 or more and sum to 1.
    /// A class has few rows (about 6 of the report's 30 a class are validation rows), so <paramref name="prior"/> rows of equal weights are added to each:
    /// the penalty is the divergence of equal weights from the fitted ones. Fitted by exponentiated gradient, as <see cref="ByLogLossOfLogits"/>.
    /// </remarks>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="prior">Strength of the hold towards equal weights, in rows a class; 0 is none.</param>
    /// <param name="steps">The most steps.</param>
    /// <returns>float64, models × classes; each class's column sums to 1.</returns>
    /// <exception cref="RefusalException">A row has no target.</exception>
    public static double[,] PerClass(LogitsSet set, double prior = 20, int steps = 200)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (!(prior >= 0 && double.IsFinite(prior)))
        {
            throw new ArgumentOutOfRangeException(nameof(prior), prior, "The hold towards equal weights is a finite number of 0 or more.");
        }

        var (targets, models, classes) = (set.RequireTargets(), set.Members.Length, set.Classes);
        // By class, then model, so that the weights that sum to 1 stand together.
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

    /// <summary>Lowers a loss over groups of weights, each of which stays on its simplex.</summary>
    /// <param name="models">Weights of a group.</param>
    /// <param name="groups">Groups, one after another.</param>
    /// <param name="steps">The most steps.</param>
    /// <param name="loss">Loss of the weights; fills the slopes unless they are null.</param>
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

    /// <summary>Sums over blocks of rows, in parallel but added in the order of the blocks, so that threads change nothing.</summary>
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

    /// <summary>Divides the slopes by the rows, and gives the rows to divide the loss by.</summary>
    private static int DivideByRows(double[]? slopes, int rows)
    {
        for (var i = 0; slopes is not null && i < slopes.Length; i++)
        {
            slopes[i] /= rows;
        }

        return rows;
    }

    /// <summary>Turns logits into probabilities and gives the log-loss of the target.</summary>
    internal static double SoftmaxInPlace(Span<double> logits, int target)
    {
        var largest = double.NegativeInfinity;
        foreach (var x in logits)
        {
            largest = Math.Max(largest, x);
        }

        var own = logits[target] - largest;
        var sum = 0.0;
        foreach (ref var x in logits)
        {
            x = Math.Exp(x - largest);
            sum += x;
        }

        foreach (ref var x in logits)
        {
            x /= sum;
        }

        return Math.Log(sum) - own;
    }
}
