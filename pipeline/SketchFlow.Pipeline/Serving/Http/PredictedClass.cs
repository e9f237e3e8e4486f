namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>A class in a response.</summary>
/// <param name="Class">The name.</param>
/// <param name="Index">Number of the class in the trained model, from 0.</param>
/// <param name="Synset">Identifier in WordNet for classes of ImageNet; else null.</param>
/// <param name="Probability">The calibrated probability, in [0, 1].</param>
internal sealed record PredictedClass(string Class, int Index, string? Synset, double Probability);
