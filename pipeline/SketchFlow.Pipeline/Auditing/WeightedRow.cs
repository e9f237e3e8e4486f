namespace SketchFlow.Pipeline.Auditing;

/// <summary>A training row with its weight.</summary>
/// <param name="Id">Row number of the training table.</param>
/// <param name="ImagePath">Path as the data set writes it.</param>
/// <param name="Weight">Factor of the loss, 0 or more.</param>
internal sealed record WeightedRow(long Id, string ImagePath, double Weight);
