namespace SketchFlow.Reports.Pages.DataPages;

/// <summary>An image with an unusual value, on the page of a data set.</summary>
/// <param name="Image">The image.</param>
/// <param name="Reasons">Unusual values of the image, such as <c>brightness 0.12, low</c>.</param>
public sealed record OutlierCard(PagePicture Image, IReadOnlyList<string> Reasons);
