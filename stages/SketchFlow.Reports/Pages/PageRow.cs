namespace SketchFlow.Reports.Pages;

/// <summary>A row of a table.</summary>
/// <param name="Cells">Texts, one per column.</param>
/// <param name="IsMarked">Whether the row is highlighted.</param>
/// <param name="Link">Address to which the first cell leads, relative to the page; null for none.</param>
internal sealed record PageRow(IReadOnlyList<string> Cells, bool IsMarked, string? Link);
