namespace SketchFlow.Reports.Pages;

/// <summary>Two classes whose images look like each other, on a page.</summary>
/// <param name="First">Name of the first class.</param>
/// <param name="Second">Name of the second class.</param>
/// <param name="FirstAsSecond">Number of images of the first class that look like the second.</param>
/// <param name="SecondAsFirst">Number of images of the second class that look like the first.</param>
/// <param name="Share">Least share of the images of the two classes, as text.</param>
public sealed record ClassPair(string First, string Second, int FirstAsSecond, int SecondAsFirst, string Share);
