namespace SketchFlow.Reports.Pages.DataPages;

/// <summary>A bar of a histogram, in the units of its picture.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width of the bar.</param>
/// <param name="Height">Height of the bar.</param>
/// <param name="Label">Range and number of images, as text.</param>
public sealed record HistogramBar(string X, string Y, string Width, string Height, string Label);
