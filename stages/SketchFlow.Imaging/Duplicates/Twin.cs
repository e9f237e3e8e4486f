namespace SketchFlow.Imaging.Duplicates;

/// <summary>Two images that show the same picture.</summary>
/// <param name="First">Index of the first image.</param>
/// <param name="Second">Index of the second image, above the first.</param>
/// <param name="Kind">Relation of the two.</param>
/// <param name="Correlation">
/// Correlation of their thumbnails after one of them is mirrored or inverted as the kind says, or of the maps of their strokes; at most 1.
/// </param>
public readonly record struct Twin(int First, int Second, TwinKind Kind, double Correlation);
