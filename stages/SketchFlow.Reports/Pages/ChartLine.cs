namespace SketchFlow.Reports.Pages;

/// <summary>One line of a chart.</summary>
/// <param name="Name">Name in the legend.</param>
/// <param name="Points">The points from left to right; a value that is not finite leaves a gap.</param>
public sealed record ChartLine(string Name, IReadOnlyList<(double X, double Y)> Points);
