namespace SketchFlow.Reports.Pages;

/// <summary>A picture of a page.</summary>
/// <param name="Uri">The image as a data URI.</param>
/// <param name="Description">Description for readers who cannot see the picture.</param>
internal sealed record EmbeddedPicture(string Uri, string Description);
