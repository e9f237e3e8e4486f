namespace SketchFlow.Reports.Pages;

/// <summary>One picture of a grid.</summary>
/// <param name="Open">The image's bytes as stored.</param>
/// <param name="Lines">What stands below it, the first line in bold.</param>
/// <param name="Bad">Whether its frame is red.</param>
public sealed record GridImage(Func<Stream> Open, IReadOnlyList<string> Lines, bool Bad = true);
