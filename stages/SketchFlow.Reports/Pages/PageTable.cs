namespace SketchFlow.Reports.Pages;

/// <summary>A table of a page.</summary>
/// <param name="Columns">Headings.</param>
/// <param name="Rows">Rows from top to bottom.</param>
internal sealed record PageTable(IReadOnlyList<PageColumn> Columns, IReadOnlyList<PageRow> Rows);
