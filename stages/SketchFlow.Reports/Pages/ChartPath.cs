namespace SketchFlow.Reports.Pages;

/// <summary>A line of a chart in the units of the drawing.</summary>
/// <param name="Name">Name in the legend.</param>
/// <param name="Number">Number of its colour and dashes, from 1.</param>
/// <param name="Path">The path in SVG's notation.</param>
internal sealed record ChartPath(string Name, int Number, string Path);
