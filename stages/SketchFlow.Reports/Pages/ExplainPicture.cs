namespace SketchFlow.Reports.Pages;

/// <summary>A map of an image on the page of explanations.</summary>
/// <param name="Method">Name of the method.</param>
/// <param name="Question">The class that is explained, and the one that it is compared with.</param>
/// <param name="Picture">The image under its map as a data URI.</param>
/// <param name="Deletion">Mean probability while relevant pixels are deleted, as text.</param>
/// <param name="Insertion">Mean probability while relevant pixels are inserted, as text.</param>
/// <param name="Faithfulness">Insertion minus deletion, as text.</param>
/// <param name="Road">Score by removing and filling pixels (ROAD), as text.</param>
public sealed record ExplainPicture(
    string Method, string Question, string Picture, string Deletion, string Insertion, string Faithfulness, string Road);
