namespace SketchFlow.Reports.Pages.ParallelCharts;

/// <summary>A value at a height of an axis.</summary>
/// <param name="Y">Distance from the upper edge, in units of the drawing.</param>
/// <param name="Label">The value, shortened.</param>
internal sealed record ParallelMark(string Y, string Label);
