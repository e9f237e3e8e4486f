namespace SketchFlow.Scoring.Metrics;

/// <summary>A score and the interval that it may well lie in.</summary>
/// <param name="Score">On all rows; more is better.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public sealed record Interval(double Score, double Low, double High)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Score:0.0000} ({Low:0.0000} to {High:0.0000})";
}
