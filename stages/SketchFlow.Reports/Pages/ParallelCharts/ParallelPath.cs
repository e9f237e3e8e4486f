namespace SketchFlow.Reports.Pages.ParallelCharts;

/// <summary>The line of a run in the units of the drawing.</summary>
/// <param name="Run">Name of the run.</param>
/// <param name="Score">The score as text.</param>
/// <param name="Share">Share of the colour of the best score in the line's colour, percent.</param>
/// <param name="Path">The path in SVG's notation.</param>
internal sealed record ParallelPath(string Run, string Score, int Share, string Path);
