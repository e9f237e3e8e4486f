using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Fitting;

/// <summary>
/// Stacking (Wolpert 1992) by regularised multinomial logistic regression on the models' logits, which must be out of fold: of rows that the models did not train on.
/// </summary>
/// <remarks>
/// The penalty (L2) draws towards the mean of the logits and not towards nothing: with a strong one the stack is the vote on logits, and what the rows say moves it from there.
/// The objective is strictly convex; it is lowered by L-BFGS from that vote, and the sums are added in one order, so that the same rows give the same coefficients.
/// </remarks>
public static class Stacking
{
    /// <summary>Rows × inputs × classes of one pass up to which <see cref="StackForm.Auto"/> is full.</summary>
    public const long MostProducts = 200_000_000;

    /// <summary>Fits a stack with a given strength.</summary>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="strength">Strength of the penalty, above 0: that of the squared coefficients in units of a row's mean log-loss.</param>
    /// <param name="options">Form and steps.</param>
    /// <exception cref="RefusalException">A row has no target, or the strength is out of range.</exception>
    public static StackedModel Fit(LogitsSet set, double strength, StackingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        options ??= new StackingOptions();
        if (!(strength > 0 && double.IsFinite(strength)))
        {
            throw new RefusalException($"The stacking's strength is {strength}, expected a finite number above 0.");
        }

        var targets = set.RequireTargets();
        var (members, classes) = (set.Members.Length, set.Classes);
        var form = ResolveForm(set.Rows, members, classes, options.Form);
        var model = new StackedModel(form, members, classes, strength, new double[checked(classes * Width(form, members, classes))]);
        Lbfgs.Minimise(model.Coefficients, (at, gradient) => PenalisedLoss(set, targets, model with { Coefficients = at }, gradient), options.Steps);
        return model;
    }

    /// <summary>Chooses the strength by cross-validation over rows dealt class by class, and fits on all of them.</summary>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="options">Strengths, folds, form.</param>
    /// <exception cref="RefusalException">A row has no target, there are fewer rows than folds, or a strength is out of range.</exception>
    public static StackingReport CrossValidate(LogitsSet set, StackingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        options ??= new StackingOptions();
        if (options.Strengths.IsDefaultOrEmpty)
        {
            throw new RefusalException("There are 0 strengths to choose from, expected at least 1.");
        }

        // One form for all folds and the whole.
        options = options with { Form = ResolveForm(set.Rows, set.Members.Length, set.Classes, options.Form) };
        var targets = set.RequireTargets();
        var trials = options.Strengths
            .Select(strength => (Strength: strength, Vote: Resampling.HeldOutPrediction(set, rest => Fit(rest, strength, options).Predict, options.Folds, options.Seed)))
            .Select(t => (t.Strength, t.Vote, ClassificationMetrics.Evaluate(t.Vote, targets).LogLoss))
            .ToList();
        var best = trials.MinBy(t => t.LogLoss);
        return new StackingReport(Fit(set, best.Strength, options), [.. trials.Select(t => (t.Strength, t.LogLoss))], best.Vote);
    }

    /// <summary>The form that <paramref name="form"/> comes to for a problem of that size.</summary>
    public static StackForm ResolveForm(int rows, int members, int classes, StackForm form) => form != StackForm.Auto ? form
        : (double)rows * ((members * classes) + 1) * classes <= MostProducts ? StackForm.Full : StackForm.OwnClass;

    /// <summary>The models' logits of a row, each less its mean, model by model, and 1 for the constant: float64, (models × classes + 1).</summary>
    internal static void FillInputs(LogitsSet set, int row, Span<double> inputs)
    {
        var classes = set.Classes;
        for (var m = 0; m < set.Members.Length; m++)
        {
            var logits = set.Members[m].Row(row);
            var mean = 0.0;
            foreach (var x in logits)
            {
                mean += x;
            }

            mean /= classes;
            for (var c = 0; c < classes; c++)
            {
                inputs[(m * classes) + c] = logits[c] - mean;
            }
        }

        inputs[^1] = 1;
    }

    /// <summary>The stack's logits of a row: the mean of the models' and what the coefficients add.</summary>
    internal static void FillLogits(StackedModel model, ReadOnlySpan<double> inputs, Span<double> logits)
    {
        var (members, classes, width) = (model.Members, model.Classes, Width(model.Form, model.Members, model.Classes));
        for (var k = 0; k < classes; k++)
        {
            var own = model.Coefficients.AsSpan(k * width, width);
            var (mean, added) = (0.0, own[^1]);
            for (var m = 0; m < members; m++)
            {
                var x = inputs[(m * classes) + k];
                mean += x;
                added += model.Form == StackForm.OwnClass ? own[m] * x : 0;
            }

            logits[k] = (mean / members) + (model.Form == StackForm.Full ? Lbfgs.Dot(own, inputs) : added);
        }
    }

    private static int Width(StackForm form, int members, int classes) => (form == StackForm.Full ? members * classes : members) + 1;

    private static double PenalisedLoss(LogitsSet set, int[] targets, StackedModel model, double[] gradient)
    {
        // A gradient a block; fewer blocks where they are large.
        var blocks = gradient.Length > 1_000_000 ? 2 : 8;
        var (members, classes, width) = (model.Members, model.Classes, Width(model.Form, model.Members, model.Classes));
        var slopes = new double[blocks][];
        var losses = new double[blocks];
        Parallel.For(0, blocks, b =>
        {
            var own = slopes[b] = new double[gradient.Length];
            var inputs = new double[(members * classes) + 1];
            var p = new double[classes];
            for (var row = (int)((long)set.Rows * b / blocks); row < (int)((long)set.Rows * (b + 1) / blocks); row++)
            {
                FillInputs(set, row, inputs);
                FillLogits(model, inputs, p);
                losses[b] += WeightSearch.SoftmaxInPlace(p, targets[row]);
                p[targets[row]] -= 1;
                for (var k = 0; k < classes; k++)
                {
                    var slope = own.AsSpan(k * width, width);
                    if (model.Form == StackForm.Full)
                    {
                        Lbfgs.AddScaled(slope, inputs, p[k]);
                        continue;
                    }

                    for (var m = 0; m < members; m++)
                    {
                        slope[m] += p[k] * inputs[(m * classes) + k];
                    }

                    slope[^1] += p[k];
                }
            }
        });
        var loss = losses.Sum() / set.Rows;
        for (var i = 0; i < gradient.Length; i++)
        {
            var sum = 0.0;
            foreach (var slope in slopes)
            {
                sum += slope[i];
            }

            gradient[i] = (sum / set.Rows) + (model.Strength * model.Coefficients[i]);
            loss += 0.5 * model.Strength * model.Coefficients[i] * model.Coefficients[i];
        }

        return loss;
    }
}
