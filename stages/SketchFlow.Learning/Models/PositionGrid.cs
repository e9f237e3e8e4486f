namespace SketchFlow.Learning.Models;

/// <summary>A position embedding (1, prefix + side × side, C), the 1 left out by some, or (1, side, side, C): first the tokens that stand for no place, then a square grid, row by row.</summary>
/// <param name="PrefixTokens">Class and register tokens in front of the grid.</param>
/// <param name="Bilinear">Resampled bilinearly and without antialiasing, in the place of bicubic with it.</param>
public sealed record PositionGrid(int PrefixTokens, bool Bilinear = false);
