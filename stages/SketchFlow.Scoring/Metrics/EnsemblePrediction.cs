using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Scoring.Metrics;

/// <summary>Probabilities and predicted classes of an ensemble.</summary>
/// <param name="Classes">Number of classes.</param>
/// <param name="Probabilities">float64, rows × classes, each row summing to 1 within rounding.</param>
/// <param name="Predictions">Class number of each row; the lowest number wins a tie.</param>
public sealed record EnsemblePrediction(int Classes, double[] Probabilities, int[] Predictions)
{
    /// <summary>Number of rows.</summary>
    public int Rows => Predictions.Length;

    /// <summary>Predicts the most probable class of each row.</summary>
    /// <param name="probabilities">float32, rows × classes.</param>
    /// <param name="classes">Number of classes.</param>
    public static EnsemblePrediction Of(IReadOnlyCollection<float> probabilities, int classes)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        double[] all = [.. probabilities.Select(p => (double)p)];
        var rows = Enumerable.Range(0, all.Length / classes);
        return new EnsemblePrediction(classes, all, [.. rows.Select(row => Softmax.ArgMax<double>(all.AsSpan(row * classes, classes)))]);
    }

    /// <summary>Returns the probabilities of one row: float64, (classes).</summary>
    public ReadOnlySpan<double> Row(int row) => Probabilities.AsSpan(row * Classes, Classes);
}
