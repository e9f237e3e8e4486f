using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Fitting;

/// <summary>
/// Stacking (Wolpert 1992) by regularised multinomial logistic regression on the models' out-of-fold logits: rows that the models were not trained on.
/// </summary>
/// <remarks>
/// The L2 penalty shrinks the stack towards the mean of the logits, not towards zero: with a strong penalty the stack is that mean.
/// The objective is strictly convex and is minimised by L-BFGS from the mean; sums are added in a fixed order, so that the same rows give the same
/// coefficients.
/// </remarks>
public static class Stacking
{
    /// <summary>Largest rows × inputs × classes of one pass for which <see cref="StackForm.Auto"/> is full.</summary>
    public const long MostProducts = 200_000_000;

    /// <summary>Fits a stack with a given strength.</summary>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="strength">Strength of the penalty on squared coefficients, above 0, in units of the mean log-loss per row.</param>
    /// <param name="options">Form and steps.</param>
    /// <exception cref="RefusalException">A row has no target, or the strength is out of range.</exception>
    public static StackedModel Fit(LogitsSet set, double strength, StackingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        options ??= new StackingOptions();
        if (!(strength > 0 && double.IsFinite(strength)))
        {
            throw new RefusalException($"The stacking strength is {strength}, expected a finite number above 0.");
        }

        var targets = set.RequireTargets();
        var (members, classes) = (set.Members.Length, set.Classes);
        var form = ResolveForm(set.Rows, members, classes, options.Form);
        var model = new StackedModel(form, members, classes, strength, new double[checked(classes * Width(form, members, classes))]);
        Lbfgs.Minimise(model.Coefficients, (at, gradient) => PenalisedLoss(set, targets, model with { Coefficients = at }, gradient), options.Steps);
        return model;
    }

    /// <summary>Chooses the strength by stratified cross-validation, and fits on all rows.</summary>
    /// <param name="set">Models, with targets in every row.</param>
    /// <param name="options">Strengths, folds, form.</param>
    /// <remarks>With fewer rows than folds, each row is a fold; a single row is fitted with the strongest penalty.</remarks>
    /// <exception cref="RefusalException">A row has no target, or a strength is out of range.</exception>
    public static StackingReport CrossValidate(LogitsSet set, StackingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        options ??= new StackingOptions();
        if (options.Strengths.IsDefaultOrEmpty)
        {
            throw new RefusalException("There are 0 strengths, expected at least 1.");
        }

        // The same form for all folds and the final fit.
        options = options with { Form = ResolveForm(set.Rows, set.Members.Length, set.Classes, options.Form) };
        var targets = set.RequireTargets();
        if (set.Rows == 1)
        {
            var single = Fit(set, options.Strengths.Max(), options);
            return new StackingReport(single, [], single.Predict(set));
        }

        var folds = Math.Min(options.Folds, set.Rows);
        var trials = options.Strengths
            .Select(strength => (
                Strength: strength,
                Prediction: Resampling.HeldOutPrediction(set, rest => Fit(rest, strength, options).Predict, folds, options.Seed)))
            .Select(t => (t.Strength, t.Prediction, ClassificationMetrics.Evaluate(t.Prediction, targets).LogLoss))
            .ToList();
        var best = trials.MinBy(t => t.LogLoss);
        return new StackingReport(Fit(set, best.Strength, options), [.. trials.Select(t => (t.Strength, t.LogLoss))], best.Prediction);
    }

    /// <summary>Resolves <see cref="StackForm.Auto"/> for a problem of that size.</summary>
    public static StackForm ResolveForm(int rows, int members, int classes, StackForm form) => form != StackForm.Auto ? form
        : (double)rows * ((members * classes) + 1) * classes <= MostProducts ? StackForm.Full : StackForm.OwnClass;

    /// <summary>
    /// Fills the inputs of a row: the models' logits minus their mean, model by model, and 1 for the constant: float64, (models × classes + 1).
    /// </summary>
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

    /// <summary>Computes the stack's logits of a row: the mean of the models' logits plus the contribution of the coefficients.</summary>
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
        // One gradient per block; fewer blocks if gradients are large.
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
                losses[b] += Softmax.InPlace(p, targets[row]);
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
