namespace SketchFlow.Reports.Pages.DataPages;

/// <summary>An image on a page.</summary>
/// <param name="Path">Path as the data set writes it.</param>
/// <param name="Place">Split and class, as text such as <c>train, cat</c>.</param>
/// <param name="Picture">The picture as a data URI; null if it is not available.</param>
public sealed record PagePicture(string Path, string Place, string? Picture);
