namespace SketchFlow.Scoring.Metrics;

/// <summary>A score and its confidence interval.</summary>
/// <param name="Score">Score on all rows; higher is better.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public sealed record Interval(double Score, double Low, double High)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Score:0.0000} ({Low:0.0000} to {High:0.0000})";
}
