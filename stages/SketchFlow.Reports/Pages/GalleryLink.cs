namespace SketchFlow.Reports.Pages;

/// <summary>A link below an image of a gallery.</summary>
/// <param name="Name">Text of the link.</param>
/// <param name="Address">Address of the target, relative to the page.</param>
public sealed record GalleryLink(string Name, string Address);
