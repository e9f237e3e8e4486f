namespace SketchFlow.Reports.Pages;

/// <summary>An image of a gallery on a page.</summary>
/// <param name="Picture">The image as a data URI; null if it is unreadable.</param>
/// <param name="Title">Line below the image, which also describes it.</param>
/// <param name="Text">Further text.</param>
/// <param name="Links">Names and addresses, relative to the page.</param>
public sealed record GalleryImage(string? Picture, string Title, string Text, IReadOnlyList<GalleryLink> Links);
