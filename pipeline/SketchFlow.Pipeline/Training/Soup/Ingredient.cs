namespace SketchFlow.Pipeline.Training.Soup;

/// <summary>One file that went, or did not go, into a soup.</summary>
/// <param name="Run">Its run.</param>
/// <param name="File">The weights.</param>
/// <param name="Sha256">Of the file.</param>
/// <param name="ValidationAccuracy">Of these weights alone.</param>
/// <param name="ValidationLoss">Of these weights alone.</param>
/// <param name="Kept">Whether it is in the soup.</param>
public sealed record Ingredient(string Run, string File, string Sha256, double ValidationAccuracy, double ValidationLoss, bool Kept);
