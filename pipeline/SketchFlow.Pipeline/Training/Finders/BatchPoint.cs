namespace SketchFlow.Pipeline.Training.Finders;

/// <summary>A batch size that was tried.</summary>
/// <param name="BatchSize">Images.</param>
/// <param name="PeakBytes">Largest resident memory of the process in its steps; null on a card, which tells no figure.</param>
/// <param name="ImagesPerSecond">Of the second step.</param>
/// <param name="Fits">False where memory ran out.</param>
public readonly record struct BatchPoint(int BatchSize, long? PeakBytes, double ImagesPerSecond, bool Fits);
