namespace SketchFlow.Reports.Pages;

/// <summary>A large figure at the top of a page.</summary>
/// <param name="Name">Name of the figure.</param>
/// <param name="Value">The value as text.</param>
/// <param name="Key">Value of the filter that shows the images behind the figure; null where there is none.</param>
public sealed record PageFigure(string Name, string Value, string? Key = null);
