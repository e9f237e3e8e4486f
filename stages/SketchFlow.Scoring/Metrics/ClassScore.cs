namespace SketchFlow.Scoring.Metrics;

/// <summary>Precision, recall and F1 of one class.</summary>
/// <param name="Class">Class number.</param>
/// <param name="Support">Number of rows of this class.</param>
/// <param name="Predicted">Number of rows predicted as this class.</param>
/// <param name="Right">Number of rows of this class that are predicted correctly.</param>
public sealed record ClassScore(int Class, int Support, int Predicted, int Right)
{
    /// <summary>Right / predicted; null if nothing was predicted as this class.</summary>
    public double? Precision => Predicted == 0 ? null : (double)Right / Predicted;

    /// <summary>Right / support; null if there is no row of this class.</summary>
    public double? Recall => Support == 0 ? null : (double)Right / Support;

    /// <summary>2 × right / (support + predicted); null if both are 0.</summary>
    public double? F1 => Support + Predicted == 0 ? null : 2.0 * Right / (Support + Predicted);
}
