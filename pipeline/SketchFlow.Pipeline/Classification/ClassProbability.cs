namespace SketchFlow.Pipeline.Classification;

/// <summary>A class that an image may be of.</summary>
/// <param name="Class">The class.</param>
/// <param name="Index">Number of the class in the trained model, from 0.</param>
/// <param name="Probability">The probability, in [0, 1].</param>
public sealed record ClassProbability(ClassName Class, int Index, double Probability);
