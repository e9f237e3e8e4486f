namespace SketchFlow.Reports.Pages.DataPages;

/// <summary>A map of images on the page of a data set: a canvas that can be zoomed, and a table for readers who do not see it.</summary>
/// <param name="Description">Sentences about what the map shows.</param>
/// <param name="Classes">Classes in the order of their colours.</param>
/// <param name="Points">Images on the map.</param>
public sealed record ScatterMap(string Description, IReadOnlyList<ScatterClass> Classes, IReadOnlyList<ScatterPoint> Points);
