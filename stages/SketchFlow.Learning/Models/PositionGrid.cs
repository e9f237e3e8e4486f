namespace SketchFlow.Learning.Models;

/// <summary>
/// Layout of a position embedding: (1, prefix + side × side, C), in some models without the leading 1, or (1, side, side, C). The prefix
/// tokens, which have no position, come first; the square grid follows row by row.
/// </summary>
/// <param name="PrefixTokens">Number of class and register tokens before the grid.</param>
/// <param name="Bilinear">Whether it is resampled bilinearly without antialiasing; otherwise bicubically with antialiasing.</param>
public sealed record PositionGrid(int PrefixTokens, bool Bilinear = false);
