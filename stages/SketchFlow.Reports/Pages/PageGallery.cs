namespace SketchFlow.Reports.Pages;

/// <summary>Images of a page below a heading.</summary>
/// <param name="Heading">The heading.</param>
/// <param name="Text">Sentence below the heading.</param>
/// <param name="Images">The images in their order.</param>
internal sealed record PageGallery(string Heading, string Text, IReadOnlyList<GalleryImage> Images);
