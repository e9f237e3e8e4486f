namespace SketchFlow.Reports.Pages;

/// <summary>A chart of lines over a common axis.</summary>
/// <param name="Title">Title, which names the chart for screen readers too.</param>
/// <param name="XLabel">Title of the horizontal axis, with its unit.</param>
/// <param name="YLabel">Title of the vertical axis, with its unit.</param>
/// <param name="Lines">The lines.</param>
public sealed record LineChart(string Title, string XLabel, string YLabel, IReadOnlyList<ChartLine> Lines);
