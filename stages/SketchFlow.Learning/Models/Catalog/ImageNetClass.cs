namespace SketchFlow.Learning.Models.Catalog;

/// <summary>A class of ImageNet.</summary>
/// <param name="Synset">Identifier in WordNet 3.0, such as <c>n02099601</c>.</param>
/// <param name="Words">Words for it, separated by commas, such as <c>tench, Tinca tinca</c>; several classes may have the same.</param>
public sealed record ImageNetClass(string Synset, string Words);
