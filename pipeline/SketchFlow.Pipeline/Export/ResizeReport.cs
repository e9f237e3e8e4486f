namespace SketchFlow.Pipeline.Export;

/// <summary>Difference between the pixels that a model prepares itself and those that the trained model gets.</summary>
/// <param name="DifferingLevels">Share of the red, green and blue levels that differ.</param>
/// <param name="LargestDifference">Largest difference of a level, of 255.</param>
public sealed record ResizeReport(double DifferingLevels, int LargestDifference)
{
    /// <summary>Largest share of levels that may differ.</summary>
    public const double MostDiffering = 0.05;

    /// <summary>Largest difference that a level may have.</summary>
    public const int MostLevels = 2;

    /// <summary>Whether the pixels agree within both bounds.</summary>
    internal bool Holds => DifferingLevels <= MostDiffering && LargestDifference <= MostLevels;
}
