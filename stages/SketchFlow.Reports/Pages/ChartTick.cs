namespace SketchFlow.Reports.Pages;

/// <summary>A mark on an axis of a chart.</summary>
/// <param name="Position">Distance from the left or upper edge, in units of the drawing.</param>
/// <param name="Label">The number at the mark.</param>
public sealed record ChartTick(string Position, string Label);
