namespace SketchFlow.Reports.Pages.ParallelCharts;

/// <summary>Parallel coordinates (Inselberg 1985): a line for each run, which crosses an axis for each setting.</summary>
/// <param name="Title">Title of the chart.</param>
/// <param name="Axes">Names of the settings.</param>
/// <param name="ScoreName">Name of the last axis.</param>
/// <param name="Runs">The runs.</param>
public sealed record ParallelChart(string Title, IReadOnlyList<string> Axes, string ScoreName, IReadOnlyList<ParallelRun> Runs);
