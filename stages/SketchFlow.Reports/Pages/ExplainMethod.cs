namespace SketchFlow.Reports.Pages;

/// <summary>Means of the maps of a method, as text.</summary>
/// <param name="Name">Name of the method.</param>
/// <param name="Maps">Number of maps.</param>
/// <param name="Deletion">Mean probability while relevant pixels are deleted.</param>
/// <param name="Insertion">Mean probability while relevant pixels are inserted.</param>
/// <param name="Faithfulness">Insertion minus deletion.</param>
/// <param name="Road">Score by removing and filling pixels (ROAD).</param>
/// <param name="Inside">Share of the relevance inside the drawing's bounding box.</param>
/// <param name="Box">Share of the image that the bounding box takes.</param>
public sealed record ExplainMethod(
    string Name, int Maps, string Deletion, string Insertion, string Faithfulness, string Road, string Inside, string Box);
