namespace SketchFlow.Reports.Pages.DataPages;

/// <summary>A labelled place on an axis of a histogram.</summary>
/// <param name="At">Place in the units of the picture.</param>
/// <param name="Label">The value as text.</param>
public sealed record HistogramTick(string At, string Label);
