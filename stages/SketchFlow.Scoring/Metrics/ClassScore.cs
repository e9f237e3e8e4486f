namespace SketchFlow.Scoring.Metrics;

/// <summary>How well one class is found.</summary>
/// <param name="Class">Class number.</param>
/// <param name="Support">Rows of this class.</param>
/// <param name="Predicted">Rows predicted as this class.</param>
/// <param name="Right">Rows of this class predicted as this class.</param>
public sealed record ClassScore(int Class, int Support, int Predicted, int Right)
{
    /// <summary>Right / predicted; null where nothing was predicted as this class.</summary>
    public double? Precision => Predicted == 0 ? null : (double)Right / Predicted;

    /// <summary>Right / support; null where no row is of this class.</summary>
    public double? Recall => Support == 0 ? null : (double)Right / Support;

    /// <summary>2 × right / (support + predicted); null where both are 0.</summary>
    public double? F1 => Support + Predicted == 0 ? null : 2.0 * Right / (Support + Predicted);
}
