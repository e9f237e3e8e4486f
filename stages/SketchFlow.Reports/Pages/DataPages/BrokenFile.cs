namespace SketchFlow.Reports.Pages.DataPages;

/// <summary>A file that could not be used, on the page of a data set.</summary>
/// <param name="Split">Split of the image.</param>
/// <param name="Id">Row number of the image.</param>
/// <param name="Path">Path as the data set writes it.</param>
/// <param name="Reason">The reason.</param>
public sealed record BrokenFile(string Split, long Id, string Path, string Reason);
