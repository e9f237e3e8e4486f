using SketchFlow.Data.Images;

namespace SketchFlow.Reports.Pages;

/// <summary>One image of a grid.</summary>
/// <param name="Read">Decodes the image into pixels, which the grid disposes of; returns null if it is unreadable.</param>
/// <param name="Lines">Lines of text below the image, the first in bold.</param>
/// <param name="Bad">Whether the frame is red.</param>
public sealed record GridImage(Func<Pixels?> Read, IReadOnlyList<string> Lines, bool Bad = true);
