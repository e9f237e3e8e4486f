namespace SketchFlow.Scoring.Metrics;

/// <summary>What an ensemble says of every row.</summary>
/// <param name="Classes">Number of classes.</param>
/// <param name="Probabilities">float64, rows × classes, each row summing to 1 within rounding.</param>
/// <param name="Predictions">Class number of each row; the lowest number wins a tie.</param>
public sealed record EnsemblePrediction(int Classes, double[] Probabilities, int[] Predictions)
{
    /// <summary>Number of rows.</summary>
    public int Rows => Predictions.Length;

    /// <summary>The probabilities of one row: float64, (classes).</summary>
    public ReadOnlySpan<double> Row(int row) => Probabilities.AsSpan(row * Classes, Classes);
}
