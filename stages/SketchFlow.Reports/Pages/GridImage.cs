namespace SketchFlow.Reports.Pages;

/// <summary>One image of a grid.</summary>
/// <param name="Open">Opens the image file.</param>
/// <param name="Lines">Lines of text below the image, the first in bold.</param>
/// <param name="Bad">Whether the frame is red.</param>
public sealed record GridImage(Func<Stream> Open, IReadOnlyList<string> Lines, bool Bad = true);
