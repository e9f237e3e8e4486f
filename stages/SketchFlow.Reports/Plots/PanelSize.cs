namespace SketchFlow.Reports.Plots;

/// <summary>Margins and height of the panels of a figure, in pixels.</summary>
/// <param name="Left">Space for the vertical axis.</param>
/// <param name="Right">Space on the right.</param>
/// <param name="Height">Height of the data.</param>
/// <param name="MinWidth">Width of a figure with many classes; with few classes it is down to half as wide.</param>
internal sealed record PanelSize(int Left, int Right, int Height, int MinWidth = 1500);
