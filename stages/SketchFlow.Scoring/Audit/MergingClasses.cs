namespace SketchFlow.Scoring.Audit;

/// <summary>Two classes that the models take for each other in both directions.</summary>
/// <param name="First">Number of the first class.</param>
/// <param name="Second">Number of the second class, above the first.</param>
/// <param name="FirstAsSecond">Number of images of the first class that belong to the second one by the confident joint.</param>
/// <param name="SecondAsFirst">Number of images of the second class that belong to the first one by the confident joint.</param>
/// <param name="Share">The smaller of the two numbers' shares of the images of their class.</param>
public sealed record MergingClasses(int First, int Second, int FirstAsSecond, int SecondAsFirst, double Share);
