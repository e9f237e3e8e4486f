namespace SketchFlow.Reports.Pages;

/// <summary>A column of a table.</summary>
/// <param name="Name">Heading.</param>
/// <param name="IsNumber">Whether all cells are numbers, which are aligned to the right and sorted by value.</param>
internal sealed record PageColumn(string Name, bool IsNumber);
