using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Scoring.Ensembling.Fitting;

/// <summary>A fitted stack: maps the logits of several models to logits.</summary>
/// <param name="Form">Full or own class.</param>
/// <param name="Members">Number of models.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Strength">Strength of the penalty.</param>
/// <param name="Coefficients">
/// Coefficients added to the mean of the logits: float64, classes × (inputs + 1), the constant last; inputs are the models' logits minus their
/// row's mean, model by model.
/// </param>
public sealed record StackedModel(StackForm Form, int Members, int Classes, double Strength, double[] Coefficients)
{
    /// <summary>Predicts rows from the logits of the models.</summary>
    /// <exception cref="RefusalException">The number of models or classes differs from the fit.</exception>
    public EnsemblePrediction Predict(LogitsSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (set.Members.Length != Members || set.Classes != Classes)
        {
            throw new RefusalException(
                $"The stack got {set.Members.Length} models of {set.Classes} classes, expected {Members} of {Classes} as in its fit; fit it again.");
        }

        var probabilities = new double[checked(set.Rows * Classes)];
        var predictions = new int[set.Rows];
        Parallel.For(0, set.Rows, () => new double[(Members * Classes) + 1], (row, _, inputs) =>
        {
            var result = probabilities.AsSpan(row * Classes, Classes);
            Stacking.FillInputs(set, row, inputs);
            Stacking.FillLogits(this, inputs, result);
            Softmax.InPlace(result, 0);
            predictions[row] = Softmax.ArgMax<double>(result);
            return inputs;
        }, _ => { });
        return new EnsemblePrediction(Classes, probabilities, predictions);
    }
}
