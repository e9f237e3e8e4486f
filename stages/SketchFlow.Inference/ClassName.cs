namespace SketchFlow.Inference;

/// <summary>A class of a trained model.</summary>
/// <param name="Name">The name; the class number as text where names are unknown.</param>
/// <param name="Synset">Identifier in WordNet for classes of ImageNet, such as <c>n02099601</c>; else null.</param>
public sealed record ClassName(string Name, string? Synset = null);
