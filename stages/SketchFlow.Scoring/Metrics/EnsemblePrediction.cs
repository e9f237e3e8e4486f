namespace SketchFlow.Scoring.Metrics;

/// <summary>Probabilities and predicted classes of an ensemble.</summary>
/// <param name="Classes">Number of classes.</param>
/// <param name="Probabilities">float64, rows × classes, each row summing to 1 within rounding.</param>
/// <param name="Predictions">Class number of each row; the lowest number wins a tie.</param>
public sealed record EnsemblePrediction(int Classes, double[] Probabilities, int[] Predictions)
{
    /// <summary>Number of rows.</summary>
    public int Rows => Predictions.Length;

    /// <summary>Returns the probabilities of one row: float64, (classes).</summary>
    public ReadOnlySpan<double> Row(int row) => Probabilities.AsSpan(row * Classes, Classes);
}
