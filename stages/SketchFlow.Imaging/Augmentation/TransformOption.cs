namespace SketchFlow.Imaging.Augmentation;

/// <summary>One option of a transform, for people.</summary>
/// <param name="Name">As recipes write it.</param>
/// <param name="Default">Its value where a recipe says nothing.</param>
/// <param name="Range">What it may be; empty where anything of its kind may stand.</param>
/// <param name="Meaning">The first sentences of its documentation.</param>
public sealed record TransformOption(string Name, string Default, string Range, string Meaning);
