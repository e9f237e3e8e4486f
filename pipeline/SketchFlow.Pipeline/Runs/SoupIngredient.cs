namespace SketchFlow.Pipeline.Runs;

/// <summary>One set of weights that was tried for a soup.</summary>
/// <param name="Run">Name of the run that the weights are from.</param>
/// <param name="File">The weights.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hexadecimal.</param>
/// <param name="ValidationAccuracy">Validation accuracy of these weights alone.</param>
/// <param name="ValidationLoss">Validation loss of these weights alone.</param>
/// <param name="Kept">Whether they are part of the soup.</param>
public sealed record SoupIngredient(string Run, string File, string Sha256, double ValidationAccuracy, double ValidationLoss, bool Kept);
