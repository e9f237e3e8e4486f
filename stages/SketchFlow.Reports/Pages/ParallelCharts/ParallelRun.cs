namespace SketchFlow.Reports.Pages.ParallelCharts;

/// <summary>A line of parallel coordinates.</summary>
/// <param name="Name">Name of the run, as in the first column of the table that filters the lines.</param>
/// <param name="Values">The value on each axis but the last; null for none.</param>
/// <param name="Score">The value on the last axis, which chooses the colour.</param>
public sealed record ParallelRun(string Name, IReadOnlyList<string?> Values, double Score);
