namespace SketchFlow.Reports.Pages;

/// <summary>A row of a table.</summary>
/// <param name="Cells">Texts, one per column.</param>
/// <param name="IsMarked">Whether the row is highlighted.</param>
internal sealed record PageRow(IReadOnlyList<string> Cells, bool IsMarked);
