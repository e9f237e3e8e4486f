namespace SketchFlow.Reports.Pages;

/// <summary>Two classes that merge, on the page of an audit.</summary>
/// <param name="First">Name of the first class.</param>
/// <param name="Second">Name of the second class.</param>
/// <param name="FirstAsSecond">Number of images of the first class that look like the second.</param>
/// <param name="SecondAsFirst">Number of images of the second class that look like the first.</param>
/// <param name="Share">Least share of the images of the two classes, as text.</param>
public sealed record AuditPair(string First, string Second, int FirstAsSecond, int SecondAsFirst, string Share);
