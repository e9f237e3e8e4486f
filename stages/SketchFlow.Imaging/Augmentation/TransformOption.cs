namespace SketchFlow.Imaging.Augmentation;

/// <summary>Description of one option of a transform.</summary>
/// <param name="Name">Name in recipes.</param>
/// <param name="Default">Value where a recipe does not set it.</param>
/// <param name="Range">Allowed values; empty where every value of the type is allowed.</param>
/// <param name="Meaning">Summary from its documentation.</param>
public sealed record TransformOption(string Name, string Default, string Range, string Meaning);
